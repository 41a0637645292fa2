/**
 * One call of GitHub's REST API as a value. Not @octokit/request: it takes 12 packages and 10 ms of CPU at start, throws, and
 * reads answers of any size; its errors do mask the token, but not what a server echoes. Its published description judges
 * every exchange with the double in the tests instead.
 */
import type { z } from 'zod';
import { parseJson } from '../../platform/json.ts';
import { type RequestSpec, request } from '../../platform/request.ts';
import type { GithubAddress } from './address.ts';
import type { Session } from './session.ts';

export type Asked =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown; readonly headers: Headers }
  /** 3xx or 4xx, in words: nothing was done. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly reason: string;
      /** Where a redirection points; it is not followed. */
      readonly location?: string;
    }
  /** Nothing was done, and nothing is to be asked before `retryAfterMs`. */
  | { readonly kind: 'limited'; readonly reason: string; readonly retryAfterMs: number }
  /** It may have been done. */
  | { readonly kind: 'unclear'; readonly reason: string };

export interface Call {
  readonly method: RequestSpec['method'];
  /** Below the repository: `/pulls`; from `//` on below the API's root: `//user`. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** An answer that is none. */
export type Unanswered = Exclude<Asked, { readonly kind: 'answered' }>;

/** How long one call may take. */
export interface ApiLimits {
  /** [30000] */
  readonly timeoutMs?: number;
}

export interface Caller {
  readonly address: GithubAddress;
  readonly session: Session;
  readonly limits: ApiLimits;
}

/** One request with one token. */
export async function askOnce({ address, session, limits }: Caller, call: Call, token: string): Promise<Asked> {
  const quietMs = session.quietUntilMs - Date.now();
  if (quietMs > 0) return { kind: 'limited', reason: 'GitHub asked for quiet', retryAfterMs: quietMs };
  const { api, owner, name } = address;
  const path = call.path.startsWith('//') ? call.path.slice(1) : `/repos/${owner}/${name}${call.path}`;
  const answer = await request({
    url: `${api}${path}`,
    method: call.method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': 'gatehouse',
      'x-github-api-version': '2022-11-28',
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    secrets: [token],
    showsRedirects: true,
    ...limits,
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const what = `${call.method} ${path.replace(/\?.*/, '')}`;
  if (answer.kind === 'unreachable')
    return { kind: 'unclear', reason: `GitHub did not answer ${what}: ${answer.reason}` };
  const read = readAnswer(answer, what);
  if (read.kind === 'limited') session.quietUntilMs = Date.now() + read.retryAfterMs;
  return read;
}

type Answered = Extract<Awaited<ReturnType<typeof request>>, { readonly kind: 'answered' }>;

function readAnswer({ status, text, headers }: Answered, what: string): Asked {
  const body = text === '' ? null : parseJson(text);
  const said = messageOf(body);
  const reason = `GitHub answered ${status} to ${what}${said === '' ? '' : `: ${said}`}`;
  if (isLimit(status, headers, said)) return { kind: 'limited', reason, retryAfterMs: waitOf(headers) };
  if (status >= 500) return { kind: 'unclear', reason };
  if (status >= 300 && status < 400)
    return {
      kind: 'refused',
      status,
      reason: `${reason}; the repository was renamed or moved: register its new address`,
      location: headers.get('location') ?? '',
    };
  if (status >= 400) return { kind: 'refused', status, reason };
  return body === undefined
    ? { kind: 'unclear', reason: `${reason}, and it is no JSON` }
    : { kind: 'answered', status, body, headers };
}

/** First line, so that it fits into a reason. */
function messageOf(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : '';
  return typeof message === 'string' ? message.replaceAll(/\s+/g, ' ').trim().slice(0, 300) : '';
}

const isLimit = (status: number, headers: Headers, said: string): boolean =>
  status === 429 ||
  (status === 403 &&
    (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0' || /rate limit|abuse/i.test(said)));

/** The name of a branch as a part of a path: GitHub takes its slashes as they are. */
export const inPath = (branch: string): string => branch.split('/').map(encodeURIComponent).join('/');

const MINUTE_MS = 60_000;

/** What the answer asks for, at least a second and at most an hour; a minute where it says nothing. */
function waitOf(headers: Headers): number {
  const after = Number(headers.get('retry-after') ?? Number.NaN) * 1000;
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1000 - Date.now();
  const asked = Number.isFinite(after) ? after : Number.isFinite(reset) ? reset : MINUTE_MS;
  return Math.min(Math.max(asked, 1000), 60 * MINUTE_MS);
}

/** What an answer holds, or why it holds nothing. */
export function read<Shape extends z.ZodType>(
  asked: Asked,
  shape: Shape,
): { readonly kind: 'read'; readonly value: z.output<Shape> } | Unanswered {
  if (asked.kind !== 'answered') return asked;
  const parsed = shape.safeParse(asked.body);
  return parsed.success
    ? { kind: 'read', value: parsed.data }
    : { kind: 'unclear', reason: 'GitHub answered with something that is not read here' };
}
