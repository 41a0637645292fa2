/** Talks to a running service: one request, one answer as a value, every failure with its next step. */
import { join, resolve } from 'node:path';
import { readTextFile } from '../platform/files.ts';
import { parseJson } from '../platform/json.ts';
import { request } from '../platform/request.ts';
import type { Settings } from '../settings.ts';
import { type Answer, EXIT } from './answer.ts';

export interface Api {
  get(path: string): Promise<ApiAnswer>;
  post(path: string, body: unknown): Promise<ApiAnswer>;
}
export type ApiAnswer =
  /** `next`: the cursor of the page behind a list that goes on. */
  | { readonly kind: 'ok'; readonly body: unknown; readonly next?: string }
  | { readonly kind: 'refused'; readonly answer: Answer };

export interface ApiPlace {
  readonly url?: string;
  readonly token?: string;
}

/** Longer than the service asks a remote. */
const PATIENCE_MS = 90_000;

/** A client for `place`, by default this machine's service with the token of its data directory. */
export async function apiClient(settings: Settings, place: ApiPlace): Promise<Api> {
  const url = place.url ?? `http://127.0.0.1:${settings.server.port}`;
  const kept = await readTextFile(join(resolve(settings.storage.dataDir), 'api-token'), 4096);
  const token =
    place.token ??
    (settings.server.apiToken !== '' ? settings.server.apiToken : kept.kind === 'read' ? kept.text.trim() : '');
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<ApiAnswer> => {
    const answer = await request({
      url: `${url}${path}`,
      method,
      timeoutMs: PATIENCE_MS,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.kind !== 'answered' && answer.isLate === true)
      return refused(
        EXIT.error,
        `the service at ${url} did not answer within ${PATIENCE_MS / 1000} s, and may still be at it; look at its log and at \`gatehouse repo ls\``,
      );
    if (answer.kind !== 'answered')
      return refused(EXIT.error, `no service answers at ${url} (${answer.reason}); start one with \`gatehouse serve\``);
    const parsed = parseJson(answer.text);
    const next = answer.headers.get('x-next-cursor');
    if (answer.status < 400) return { kind: 'ok', body: parsed ?? answer.text, ...(next === null ? {} : { next }) };
    return refused(
      answer.status === 401 || answer.status < 500 ? EXIT.usage : EXIT.error,
      explain(answer.status, parsed),
    );
  };
  return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) };
}

/** Every row of a list, page by page. A body that is no list is passed on as it is. */
export async function everyPage(api: Api, path: string): Promise<ApiAnswer> {
  const rows: unknown[] = [];
  for (let cursor = ''; ; ) {
    const answer = await api.get(`${path}${path.includes('?') ? '&' : '?'}limit=1000${cursor}`);
    if (answer.kind === 'refused' || !Array.isArray(answer.body)) return answer;
    rows.push(...(answer.body as unknown[]));
    if (answer.next === undefined) return { kind: 'ok', body: rows };
    cursor = `&cursor=${encodeURIComponent(answer.next)}`;
  }
}

const refused = (exit: number, problem: string): ApiAnswer => ({
  kind: 'refused',
  answer: { exit, problem, json: { error: problem } },
});

function explain(status: number, body: unknown): string {
  const { detail, next } = (typeof body === 'object' && body !== null ? body : {}) as {
    detail?: unknown;
    next?: unknown;
  };
  const text = typeof detail === 'string' ? detail : `the service answered ${status}`;
  return typeof next === 'string' ? `${text}; ${next}` : text;
}
