/** The API's frame: who asks, about which repository, how an answer is written and judged. */
import { type Context, Hono } from 'hono';
import { bearerOf } from './bearers.ts';
import type { Json } from './shapes.ts';
import { type Bearer, fullName, maySee, type Repository } from './state.ts';
import { follow, type World } from './world.ts';

export interface ApiCall {
  readonly world: World;
  readonly bearer: Bearer;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Json;
}
export interface RepositoryCall extends ApiCall {
  readonly repository: Repository;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown, status = 200): Reply => ({ status, body });
export const refuse = (status: number, message: string): Reply => ({
  status,
  body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
});
export const NOT_FOUND = refuse(404, 'Not Found');
export const FORBIDDEN = refuse(403, 'Resource not accessible by personal access token');

export interface Api {
  readonly app: Hono;
  on(method: string, path: string, answer: (call: ApiCall) => Promise<Reply> | Reply): void;
  /** Below `/repos/:owner/:name`. */
  onRepository(method: string, path: string, answer: (call: RepositoryCall) => Promise<Reply> | Reply): void;
}

/** `/api/v3` is where a GitHub on a server of one's own has it. */
export const API_ROOT = '/api/v3';

export function openApi(world: World): Api {
  const app = new Hono();
  let turn: Promise<unknown> = Promise.resolve();
  const on: Api['on'] = (method, path, answer) => {
    app.on(method, `${API_ROOT}${path}`, (context) => {
      // One at a time: what follows git must not be interleaved with itself.
      const mine = turn.then(() => answerOne(world, context, answer));
      turn = mine.catch(() => undefined);
      return mine.then(({ reply, request }) => write({ context, reply, request, world }));
    });
  };
  return {
    app,
    on,
    onRepository: (method, path, answer) => {
      const ofRepository: Parameters<Api['on']>[2] = (call) => {
        const { owner = '', name = '', repository: id } = call.params;
        const repository = id === undefined ? world.state.repository(owner, name) : repositoryOfId(world, id);
        const { app: bot } = call.bearer;
        if (repository === undefined) return movedOrGone(call, path);
        if (!maySee(repository, call.bearer)) return NOT_FOUND;
        if (repository.isArchived && method !== 'GET') return refuse(403, 'Repository was archived so is read-only.');
        if (bot !== null && !bot.repositories.has(`${repository.owner.login}/${repository.name}`)) return NOT_FOUND;
        return answer({ ...call, repository });
      };
      on(method, `/repos/:owner/:name${path}`, ofRepository);
      // From memory: where a renamed one is led to, by its number.
      on(method, `/repositories/:repository${path}`, ofRepository);
    },
  };
}

const repositoryOfId = ({ state }: World, id: string): Repository | undefined =>
  [...state.repositories.values()].find((one) => String(one.id) === id);

/** From memory: where a renamed repository is, for reading and writing alike. */
function movedOrGone({ world, params }: ApiCall, path: string): Reply {
  const to = world.state.renamed.get(`${params['owner']}/${params['name']}`.toLowerCase());
  if (to === undefined) return NOT_FOUND;
  const below = path.replaceAll(/:(\w+)(\{[^}]*\})?/g, (_, name: string) => params[name] ?? '');
  const url = `${world.roots.api}/repositories/${to.id}${below}`;
  return {
    status: 301,
    body: { message: 'Moved Permanently', url, documentation_url: url },
    headers: { location: url },
  };
}

async function answerOne(
  world: World,
  context: Context,
  answer: (call: ApiCall) => Promise<Reply> | Reply,
): Promise<{ readonly reply: Reply; readonly request: unknown }> {
  const text = await context.req.text();
  const request = text === '' ? undefined : (JSON.parse(text) as unknown);
  const limit = limitOf(world);
  if (limit !== null) return { reply: limit, request };
  const bearer = bearerOf(world.state, context.req.header('authorization') ?? '');
  if (bearer === null) return { reply: refuse(401, 'Bad credentials'), request };
  await follow(world, bearer.account);
  const reply = await answer({
    world,
    bearer,
    params: context.req.param() as Record<string, string>,
    query: new URL(context.req.url).searchParams,
    body: (request ?? {}) as Json,
  });
  await follow(world, bearer.account);
  const scopes = bearer.scopes === null ? {} : { 'x-oauth-scopes': bearer.scopes.join(', ') };
  return { reply: { ...reply, headers: { ...scopes, ...reply.headers } }, request };
}

function limitOf({ state }: World): Reply | null {
  const until = state.limitedUntilS;
  if (until === null || until <= Date.now() / 1000) return null;
  const headers: Record<string, string> = state.isSecondaryLimit
    ? { 'retry-after': String(Math.ceil(until - Date.now() / 1000)) }
    : { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(until)) };
  return { ...refuse(403, 'API rate limit exceeded'), headers };
}

interface Writing {
  readonly world: World;
  readonly context: Context;
  readonly reply: Reply;
  readonly request: unknown;
}

function write({ context, reply, request, world }: Writing): Response {
  const { judge, violations } = world;
  const { status, body, headers = {} } = reply;
  const url = new URL(context.req.url);
  // The description has no calls by number.
  const path = url.pathname.slice(API_ROOT.length).replace(/^\/repositories\/(\d+)/, (whole, id: string) => {
    const named = repositoryOfId(world, id);
    return named === undefined ? whole : `/repos/${fullName(named)}`;
  });
  const { method } = context.req;
  violations.push(...judge.problems({ method, path, query: url.searchParams, request, status, answer: body }));
  const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { ...type, ...headers } });
}

/** One page of a list, with the address of the next one as GitHub gives it. */
export function page(
  all: readonly Json[],
  { query, params }: ApiCall,
  wrap: (items: readonly Json[]) => unknown = (items) => items,
): Reply {
  const size = Math.min(100, Number(query.get('per_page') ?? '30'));
  const at = Number(query.get('page') ?? '1');
  const items = all.slice((at - 1) * size, at * size);
  const next = at * size < all.length ? { link: `<${params['owner']}?page=${at + 1}>; rel="next"` } : {};
  return { status: 200, body: wrap(items), headers: next };
}
