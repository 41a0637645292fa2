/** One call of Gitea's API as a value. The token goes into a header, is looked up at each call, and stands in no answer. */
import type { ZodType } from 'zod';
import { parseJson } from '../../platform/json.ts';
import { request } from '../../platform/request.ts';
import type { TellAnswer } from '../../platform/tell-answer.ts';
import type { ForgeAccess } from '../choose.ts';
import { missing } from '../git-remote.ts';
import { apiAddress } from './api-address.ts';

export type Replied<Value> =
  | { readonly kind: 'ok'; readonly status: number; readonly value: Value; readonly headers: Headers }
  /** In words, and nothing was done: 3xx and 4xx. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly message: string;
      /** Where a redirection points; it is not followed. */
      readonly location?: string;
    }
  /** No answer, half of one, 5xx or 429: whether it was done is not known. */
  | {
      readonly kind: 'unclear';
      readonly reason: string;
      readonly retryAfterMs: number | null;
      /** It is an answer, and a larger one than is read. */
      readonly isTooLarge?: true;
    };

export interface ApiCall<Value> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the repository; from the root of the API with a slash in front. */
  readonly path: string;
  readonly body?: unknown;
  readonly reads: ZodType<Value>;
  readonly signal?: AbortSignal | undefined;
}

export interface GiteaClient {
  call<Value>(call: ApiCall<Value>): Promise<Replied<Value>>;
  /** Every page of a list. */
  all<Value>(list: Omit<ApiCall<readonly Value[]>, 'method'>): Promise<Replied<readonly Value[]>>;
  /** Of the repository, for people. */
  readonly page: string;
  /** Root of the API. */
  readonly root: string;
}

const MOVED = 'the repository was renamed or moved: register its new address';
const LONGEST_WORDS = 300;
/** Gitea's own cap of a page. */
const PAGE = 50;
/** 20,000 rows; a list that does not end is no list. */
const MOST_PAGES = 400;

export function giteaClient(
  { url, credential = null, credentials }: Omit<ForgeAccess, 'forge'>,
  bounds: { readonly timeoutMs: number; readonly limitBytes?: number },
): GiteaClient {
  const address = apiAddress(url);
  const call = async <Value>({ method, path, body, reads, signal }: ApiCall<Value>): Promise<Replied<Value>> => {
    if (address === null) return refused(404, `${url} names no repository of a Gitea`);
    const token = credential === null ? '' : (credentials.get(credential)?.token ?? '');
    if (credential !== null && token === '')
      return refused(401, missing({ kind: 'no-credential', name: credential, lacks: 'token' }));
    const { api, owner, name } = address;
    const below = `${api}/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
    const answer = await request({
      url: path.startsWith('/') ? `${api}${path}` : path === '' ? below : `${below}/${path}`,
      method,
      headers: {
        accept: 'application/json',
        ...(token === '' ? {} : { authorization: `token ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      ...bounds,
      showsRedirects: true,
      secrets: [token],
    });
    if (answer.kind === 'unreachable') {
      const large = answer.isTooLarge === true ? ({ isTooLarge: true } as const) : {};
      return { ...unclear(`${address.page} does not answer: ${answer.reason}`), ...large };
    }
    return read(answer, reads);
  };
  const all = async <Value>({ path, ...list }: Omit<ApiCall<readonly Value[]>, 'method'>) => {
    const rows: Value[] = [];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const paged = `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE}&page=${page}`;
      const answer = await call({ ...list, method: 'GET', path: paged });
      if (answer.kind !== 'ok') return answer;
      rows.push(...answer.value);
      const total = Number(answer.headers.get('x-total-count') ?? Number.NaN);
      // A server may cap a page lower than asked for; without a count only an empty page is the end.
      if (answer.value.length === 0 || rows.length >= total) return { ...answer, value: rows };
    }
    return unclear(`${path} has no end`);
  };
  return { call, all, page: address?.page ?? url, root: address?.api ?? url };
}

const refused = (status: number, message: string): Replied<never> => ({ kind: 'refused', status, message });
const unclear = (reason: string, retryAfterMs: number | null = null): Replied<never> => ({
  kind: 'unclear',
  reason,
  retryAfterMs,
});

function read<Value>(
  { status, text, headers }: Readonly<{ status: number; text: string; headers: Headers }>,
  reads: ZodType<Value>,
): Replied<Value> {
  const body = text === '' ? null : parseJson(text);
  if (status >= 200 && status < 300) {
    const parsed = reads.safeParse(body);
    if (parsed.success) return { kind: 'ok', status, value: parsed.data, headers };
    return unclear(`Gitea answered ${status} with something that is not understood`);
  }
  if (status >= 300 && status < 400)
    return { kind: 'refused', status, message: MOVED, location: headers.get('location') ?? '' };
  const said = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
  const words = said === '' ? `Gitea answered ${status}` : said.slice(0, LONGEST_WORDS);
  if (status >= 500) return unclear(words);
  if (status === 429) return unclear(words, retryAfter(headers));
  return refused(status, words);
}

/** `Retry-After` in seconds; a date, as proxies may send it, is not read. */
function retryAfter(headers: Headers): number | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, 3_600_000) : null;
}

export const whyNot = (answer: Exclude<Replied<unknown>, { readonly kind: 'ok' }>): string =>
  answer.kind === 'refused' ? `Gitea answers ${answer.status}: ${answer.message}` : answer.reason;

/** What an outbox makes of it. A token that is not accepted may be set anew, and a repository leave the archive (423); other
 *  refusals are for good. */
export function toldBy(answer: Replied<unknown>): TellAnswer {
  if (answer.kind === 'ok') return { kind: 'told' };
  if (answer.kind === 'unclear') return { kind: 'untold', reason: answer.reason, retryAfterMs: answer.retryAfterMs };
  return answer.status === 401 || answer.status === 423 || answer.location !== undefined
    ? { kind: 'untold', reason: whyNot(answer), retryAfterMs: null }
    : { kind: 'rejected', reason: whyNot(answer) };
}
