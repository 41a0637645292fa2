/** Talks to a running service: one request, one answer as a value, every failure with its next step. */
import { join, resolve } from 'node:path';
import { readTextFile } from '../platform/files.ts';
import { parseJson } from '../platform/json.ts';
import { ownAddress } from '../platform/own-address.ts';
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
  const url = place.url ?? ownAddress(settings.server.host, settings.server.port);
  const isAddress = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isAddress) return nowhere(url);
  const file = join(resolve(settings.storage.dataDir), 'api-token');
  const kept = await readTextFile(file, 4096);
  const token =
    place.token ??
    (settings.server.apiToken !== '' ? settings.server.apiToken : kept.kind === 'read' ? kept.text.trim() : '');
  const tokenAdvice = adviceOn(
    token,
    kept.kind === 'read'
      ? `${file} is of another one, or ORCH_API_TOKENS_FILE or ORCH_API_TOKEN of the service names others instead`
      : `there is no ${file}`,
  );
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
      return refused(
        EXIT.error,
        `no service answers at ${url} (${answer.reason}); start one with \`gatehouse serve\`, or name another with --url or ORCH_PORT`,
      );
    const parsed = parseJson(answer.text);
    const next = answer.headers.get('x-next-cursor');
    if (answer.status < 400) return { kind: 'ok', body: parsed ?? answer.text, ...(next === null ? {} : { next }) };
    if (answer.status === 401 || answer.status === 429)
      return refused(EXIT.usage, `${detailOf(answer.status, parsed)}; ${tokenAdvice}`, 'gatehouse help token');
    const problem = explain(answer.status, parsed);
    const isSaid = /\bgatehouse [a-z]/.test(problem);
    return refused(
      answer.status < 500 ? EXIT.usage : EXIT.error,
      problem,
      nextFor(answer.status, isSaid ? null : path),
    );
  };
  return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) };
}

/** What is asked at an address that is none. */
function nowhere(url: string): Api {
  const answer = refused(EXIT.usage, `${JSON.stringify(url)} is no address of a service: write http://host:port`);
  return { get: async () => answer, post: async () => answer };
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

/** Where a token can be named, for who has none and for who has a wrong one. */
const adviceOn = (token: string, found: string): string =>
  `${
    token === ''
      ? 'pass --token, set GATEHOUSE_TOKEN or ORCH_API_TOKEN,'
      : 'check ORCH_API_TOKEN, GATEHOUSE_TOKEN and --token,'
  } or set ORCH_DATA_DIR to the data directory of the service (${found})`;

const refused = (exit: number, problem: string, next?: string): ApiAnswer => ({
  kind: 'refused',
  answer: { exit, problem, json: { error: problem }, ...(next === undefined ? {} : { next }) },
});

/** The list that holds what a path names, as the command that prints it. */
const LISTS = [
  [/^\/tasks\/([^/?]+)/, 'gatehouse task ls', 'gatehouse task show $1'],
  [/^\/repos/, 'gatehouse repo ls', 'gatehouse repo ls'],
  [/^\/jobs/, 'gatehouse queue', 'gatehouse queue'],
  [/^\/coverage/, 'gatehouse baseline show', 'gatehouse baseline show'],
  [/^\/notifications/, 'gatehouse notify ls', 'gatehouse notify ls'],
  [/^\/tasks$/, 'gatehouse repo ls', 'gatehouse task add --help'],
] as const;

/** What shows why a request was refused; `path` null: the service says it. Else the help of the command: its words were wrong. */
function nextFor(status: number, path: string | null): string | undefined {
  if (status === 403) return 'gatehouse help token';
  if (status === 400 || path === null) return undefined;
  const found = LISTS.find(([pattern]) => pattern.test(path));
  if (found === undefined || status >= 500) return undefined;
  const [pattern, unknown, refusedThere] = found;
  return status === 404 ? unknown : refusedThere.replace('$1', pattern.exec(path)?.[1] ?? '');
}

/** The service speaks of its routes; a person in a shell types commands. */
const asCommands = (text: string): string =>
  text
    .replace(/(GET \/tasks\/[\w-]+) shows settled_at/g, '$1 says that it is cleaned up')
    .replace(/GET \/tasks\/([\w-]+)(?:\/events)?/g, 'gatehouse task show $1')
    .replace(/POST \/tasks\/([\w-]+)\/(\w+)/g, 'gatehouse task $2 $1')
    .replace(/GET \/(tasks|repos)\b/g, (_, what: string) => `gatehouse ${what.slice(0, -1)} ls`)
    .replace(/GET \/queue\b/g, 'gatehouse queue')
    .replace(/GET \/coverage\b/g, 'gatehouse baseline show');

interface Problem {
  readonly detail?: unknown;
  readonly next?: unknown;
}
const problemIn = (body: unknown): Problem => (typeof body === 'object' && body !== null ? body : {});

function detailOf(status: number, body: unknown): string {
  const { detail } = problemIn(body);
  return typeof detail === 'string' ? detail : `the service answered ${status}`;
}

function explain(status: number, body: unknown): string {
  const { next } = problemIn(body);
  const text = detailOf(status, body);
  return asCommands(typeof next === 'string' ? `${text}; ${next}` : text);
}
