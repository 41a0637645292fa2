/** Requests to Plane's API: bounded, its key in no answer, and silent while it asks for time. */
import { parseJson } from '../../platform/json.ts';
import { type RequestSpec, request } from '../../platform/request.ts';

export interface PlaneAccess {
  /** Of the installation, without a path. */
  readonly url: string;
  readonly token: string;
  readonly workspace: string;
  /** Epoch ms. */
  readonly now: () => number;
}

export type PlaneAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'unreachable'; readonly reason: string; readonly retryAfterMs: number | null };

export interface PlaneCall {
  readonly method: 'GET' | 'POST';
  /** Below the workspace, with its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export type PlaneClient = (call: PlaneCall) => Promise<PlaneAnswer>;

const TIMEOUT_MS = 20_000;
const LONGEST_REST_MS = 900_000;
const SHORTEST_REST_MS = 1_000;

/** Once Plane says that the key has had its share, nothing is asked until the time that it names. */
export function planeClient({ url, token, workspace, now }: PlaneAccess): PlaneClient {
  const base = `${url.replace(/\/+$/, '')}/api/v1/workspaces/${encodeURIComponent(workspace)}`;
  let restUntil = 0;
  return async ({ method, path, body, signal }) => {
    const left = restUntil - now();
    if (left > 0) return { kind: 'unreachable', reason: 'plane asks for time (rate limit)', retryAfterMs: left };
    const spec: RequestSpec = {
      url: `${base}${path}`,
      method,
      headers: { 'x-api-key': token, accept: 'application/json', 'content-type': 'application/json' },
      timeoutMs: TIMEOUT_MS,
      secrets: [token],
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    };
    const answer = await request(spec);
    if (answer.kind === 'unreachable')
      return { kind: 'unreachable', reason: `plane does not answer: ${answer.reason}`, retryAfterMs: null };
    const rest = restOf(answer.status, answer.headers, now());
    restUntil = Math.max(restUntil, now() + rest);
    if (answer.status === 429 || answer.status >= 500)
      return {
        kind: 'unreachable',
        reason: `plane answered ${answer.status}`,
        retryAfterMs: answer.status === 429 ? rest : null,
      };
    return { kind: 'answered', status: answer.status, body: parseJson(answer.text) };
  };
}

/** Ms to be silent: what `Retry-After` says of a 429, or until the reset when this was the last call of the minute. */
function restOf(status: number, headers: Headers, nowMs: number): number {
  const seconds = Number(headers.get('retry-after') ?? '');
  if (status === 429) return bounded(Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : SHORTEST_REST_MS * 60);
  const reset = Number(headers.get('x-ratelimit-reset') ?? '');
  return headers.get('x-ratelimit-remaining') === '0' && Number.isFinite(reset) && reset > 0
    ? bounded(reset * 1000 - nowMs)
    : 0;
}

const bounded = (ms: number): number => Math.min(LONGEST_REST_MS, Math.max(SHORTEST_REST_MS, ms));
