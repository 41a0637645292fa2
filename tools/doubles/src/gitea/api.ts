/** The API of the Gitea double: who asks, what they may, and which file answers. */
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { NOT_FOUND, ok, refused, type Said } from './answers.ts';
import { branchRoutes } from './branch-routes.ts';
import { notice, settle } from './life.ts';
import { pullRoutes } from './pull-routes.ts';
import { showRepository, showUser } from './render.ts';
import { type Doer, doerOf, fullName, type GiteaState, isAdmin, type RepositorySettings } from './state.ts';
import { talkRoutes } from './talk-routes.ts';

/** One call about the repository, by somebody who may see it. */
export interface Asked {
  readonly doer: Doer;
  readonly method: string;
  /** Below the repository: `pulls/3/merge`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: Readonly<Record<string, unknown>>;
}

/** Null: not this file's. */
export type Routes = (state: GiteaState, asked: Asked) => Promise<Said | null>;

const ROUTES: readonly Routes[] = [pullRoutes, talkRoutes, branchRoutes, repositoryRoutes];

export function giteaApi(state: GiteaState): Hono {
  const api = new Hono();
  api.get('/api/v1/user', async (c) => {
    const doer = whoAsks(state, c);
    return answer(
      c,
      doer === null ? refused(401, 'token is required') : 'status' in doer ? doer : ok(showUser(doer.login)),
    );
  });
  api.get('/api/v1/version', (c) => c.json({ version: '1.25.4' }));
  for (const path of ['', '/*'])
    api.all(`/api/v1/repos/:owner/:name${path}`, async (c) => {
      const url = new URL(c.req.url);
      const [, start = '', full = '', rest = ''] =
        /^(\/api\/v1\/repos\/)([^/]+\/[^/]+)\/?(.*)$/.exec(url.pathname) ?? [];
      if (state.formerNames.has(full.toLowerCase()))
        return answer(
          c,
          movedTo(`${start}${fullName(state)}${url.pathname.slice(start.length + full.length)}${url.search}`),
        );
      if (state.strangers.has(full.toLowerCase())) return answer(c, ofStranger(state, c, { full, rest }));
      if (full.toLowerCase() !== fullName(state).toLowerCase()) return answer(c, NOT_FOUND);
      return answer(c, await ofRepository(state, c, { path: rest, query: url.searchParams }));
    });
  api.notFound((c) => answer(c, NOT_FOUND));
  return api;
}

/** The same commits under another number, and nothing else. */
function ofStranger(state: GiteaState, c: Context, { full, rest }: Readonly<{ full: string; rest: string }>): Said {
  if (c.req.method !== 'GET') {
    state.misdirected.push(`${c.req.method} ${full}/${rest}`);
    return refused(403, 'a stranger');
  }
  if (rest === '') return ok({ ...showRepository(state, 'write'), id: state.id + 1, full_name: full });
  const head = rest.startsWith('branches/') ? state.seen.get(rest.slice('branches/'.length)) : undefined;
  if (head !== undefined)
    return ok({ commit: { id: head }, protected: false, user_can_push: true, user_can_merge: true });
  return rest === 'pulls' ? ok([], { 'x-total-count': '0' }) : NOT_FOUND;
}

/** From memory, not recorded: the same path under the new name. */
const movedTo = (location: string): Said => ({ status: 307, headers: { location } });

function answer(c: Context, { status, body, headers = {} }: Said): Response {
  if (body === undefined) return c.body(null, status as ContentfulStatusCode, { ...headers });
  return c.json(body, status as ContentfulStatusCode, { ...headers, 'content-type': 'application/json;charset=utf-8' });
}

/** Who the token belongs to; null: no token. */
function whoAsks(state: GiteaState, c: Context): Doer | Said | null {
  const header = c.req.header('authorization');
  if (header === undefined) return null;
  const doer = doerOf(state, tokenIn(header));
  return doer ?? refused(401, 'invalid username, password or token');
}

/** A token stands after `token` or `Bearer`, or as either part of a Basic pair. */
export function tokenIn(header: string): string {
  const [scheme = '', rest = ''] = header.split(' ');
  if (scheme.toLowerCase() !== 'basic') return rest;
  const [user = '', password = ''] = Buffer.from(rest, 'base64').toString('utf8').split(':');
  return password === '' || password === 'x-oauth-basic' ? user : password;
}

async function ofRepository(
  state: GiteaState,
  c: Context,
  { path, query }: Readonly<{ path: string; query: URLSearchParams }>,
): Promise<Said> {
  const doer = whoAsks(state, c);
  if (doer !== null && 'status' in doer) return doer;
  if (doer === null || doer.permission === 'none') return NOT_FOUND;
  const method = c.req.method;
  if (method !== 'GET' && !doer.mayWrite)
    return refused(
      403,
      'token does not have at least one of required scope(s), required=[write:repository], token scope=read:repository',
    );
  if (method !== 'GET' && state.settings.archived && path !== '')
    return refused(423, `${state.owner}/${state.name} is archived`);
  await notice(state, state.owner);
  const form = formIn(await c.req.text());
  if (form === null) return refused(422, 'the body is no JSON object');
  const asked: Asked = { doer, method, path, query, form };
  for (const routes of ROUTES) {
    const said = await routes(state, asked);
    if (said !== null) return said;
  }
  return NOT_FOUND;
}

/** Null: no object of JSON. */
function formIn(text: string): Asked['form'] | null {
  if (text === '') return {};
  try {
    const form: unknown = JSON.parse(text);
    return typeof form === 'object' && form !== null && !Array.isArray(form) ? (form as Asked['form']) : null;
  } catch {
    return null;
  }
}

const SETTINGS: readonly (keyof RepositorySettings)[] = [
  'allow_fast_forward_only_merge',
  'allow_manual_merge',
  'autodetect_manual_merge',
];

async function repositoryRoutes(state: GiteaState, { doer, method, path, form }: Asked): Promise<Said | null> {
  if (path !== '') return null;
  if (method === 'GET') return ok(showRepository(state, doer.permission));
  if (method !== 'PATCH') return null;
  if (!isAdmin(doer.permission))
    return refused(403, 'user should be an owner or a collaborator with admin write of a repository');
  if (typeof form['archived'] === 'boolean') state.settings.archived = form['archived'];
  // Answered 200 and ignored without it.
  if (form['has_pull_requests'] === true)
    for (const name of SETTINGS) {
      const value = form[name];
      if (typeof value === 'boolean') state.settings[name] = value;
    }
  for (const row of state.pulls.values()) await settle(state, row);
  return ok(showRepository(state, doer.permission));
}
