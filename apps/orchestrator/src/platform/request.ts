/** One bounded HTTP request as a value. */
import { types } from 'node:util';

export type Requested =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string; readonly headers: Headers }
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface RequestSpec {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** [30000] */
  readonly timeoutMs?: number;
}

export async function request({
  url,
  method,
  headers = {},
  body,
  timeoutMs = 30_000,
}: RequestSpec): Promise<Requested> {
  if (!URL.canParse(url)) return { kind: 'unreachable', reason: `${url} is not a URL` };
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { kind: 'answered', status: response.status, text: await response.text(), headers: response.headers };
  } catch (thrown) {
    if (!types.isNativeError(thrown)) throw thrown;
    const cause = types.isNativeError(thrown.cause) ? thrown.cause : thrown;
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    return { kind: 'unreachable', reason: code === '' ? cause.message : code };
  }
}
