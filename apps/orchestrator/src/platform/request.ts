/** One bounded HTTP request as a value: bounded in time and in size, redirects refused, its secrets in no answer. */
import { types } from 'node:util';

export type Requested =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string; readonly headers: Headers }
  /** Nothing answered, or not to its end; whether it was carried out is not known. `isLate`: the time was over. `isTooLarge`: there is more than `limitBytes`. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly isLate?: true; readonly isTooLarge?: true };

export interface RequestSpec {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** [30000] */
  readonly timeoutMs?: number;
  /** Of the answer; a larger one is `unreachable`. [16 MiB] */
  readonly limitBytes?: number;
  /** Gives up earlier than `timeoutMs`. */
  readonly signal?: AbortSignal;
  /** Texts that stand in no answer: `***` takes their place. */
  readonly secrets?: readonly string[];
  /** A redirection is an answer with its status; else it is `unreachable`. It is never followed. */
  readonly showsRedirects?: boolean;
}

const LIMIT_BYTES = 16 * 1024 * 1024;

export async function request(spec: RequestSpec): Promise<Requested> {
  const { url, method, headers = {}, body, timeoutMs = 30_000, limitBytes = LIMIT_BYTES, signal } = spec;
  const mask = (text: string): string => withoutSecrets(text, spec.secrets ?? []);
  if (!URL.canParse(url)) return { kind: 'unreachable', reason: mask(`${url} is not a URL`) };
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: spec.showsRedirects === true ? 'manual' : 'error',
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    });
    const text = await readBounded(response, limitBytes);
    if (text === null)
      return { kind: 'unreachable', reason: `the answer is larger than ${limitBytes} bytes`, isTooLarge: true };
    return { kind: 'answered', status: response.status, text: mask(text), headers: response.headers };
  } catch (thrown) {
    if (signal?.aborted === true) return { kind: 'unreachable', reason: 'nobody waits for the answer any more' };
    if (!types.isNativeError(thrown)) throw thrown;
    if (deadline.aborted) return { kind: 'unreachable', reason: mask(thrown.message), isLate: true };
    const cause = types.isNativeError(thrown.cause) ? thrown.cause : thrown;
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    return { kind: 'unreachable', reason: code === '' ? mask(cause.message) : code };
  }
}

/** Null: there is more than `limitBytes`; the rest is not read. */
async function readBounded(response: Response, limitBytes: number): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > limitBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== '').reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}
