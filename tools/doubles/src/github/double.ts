/**
 * A GitHub that is none: an own server over real bare repositories. Its requests and answers are judged by GitHub's published
 * description; what the description does not say (that a pull request is merged by itself, texts of refusals, which rights
 * a call needs) is an assumption, see `world.ts`. No real GitHub was ever compared with it.
 */
import { createHmac } from 'node:crypto';
import { bareRepository } from '../bare-repository.ts';
import { Faults } from '../faults.ts';
import { answerGit } from '../git-http.ts';
import { type Answer, answerByApi, type Received, serve } from '../serve.ts';
import { WebhookSender } from '../webhook-sender.ts';
import { API_ROOT, type Api, openApi } from './api.ts';
import { addAppRoutes } from './app-routes.ts';
import { bearerOf } from './bearers.ts';
import { addCheckRoutes, addCommentRoutes } from './check-routes.ts';
import { openJudge } from './judge.ts';
import { addPullRoutes } from './pull-routes.ts';
import { addRefRoutes } from './ref-routes.ts';
import type { Roots } from './shapes.ts';
import { type App, fullName, GithubState, hasRole, maySee, type Repository, type Role } from './state.ts';
import { follow, type World, whyNotMoved } from './world.ts';

export interface NewRepository {
  /** `owner/name`. */
  readonly name: string;
  /** Absolute path of the bare repository. */
  readonly path: string;
  readonly isFork?: boolean;
}

export interface PersonsCall {
  /** Method, and path below the repository. */
  readonly what: string;
  readonly body?: unknown;
}

export interface GithubDouble {
  /** `http://127.0.0.1:PORT`; the API is below it at `/api/v3`, a repository at `/owner/name.git`. */
  readonly url: string;
  readonly faults: Faults;
  readonly webhooks: WebhookSender;
  readonly state: GithubState;
  /** Requests and answers that GitHub's description does not know; a test ends with none. */
  readonly violations: readonly string[];
  /** Operations of the description that were used. */
  readonly used: ReadonlySet<string>;
  addRepository(repository: NewRepository): Promise<Repository>;
  /** A classic token of a person; the same for the same person. */
  tokenOf(login: string): string;
  /** The repository is called `name` from now on, or `owner/name`; its old name leads there. */
  rename(repository: Repository, name: string): void;
  /** Pull requests are to land on the new name; whose branch it was is closed. From memory. */
  renameBranch(repository: Repository, from: string, to: string): Promise<void>;
  /** The pull requests of its branches stay open. */
  deleteRepository(repository: Repository): void;
  grant(repository: Repository, login: string, role: Role): void;
  /** What a person does there, past every fault: `POST pulls`. Answers the body; a refusal throws. */
  as(repository: Repository, login: string, call: PersonsCall): Promise<unknown>;
  addApp(app: Omit<App, 'id' | 'installation'>): App;
  /** Webhooks of the repository go to this address, signed. */
  addHook(
    repository: Repository,
    hook: { readonly url: string; readonly secret: string; readonly events?: readonly string[] },
  ): void;
  /** Looks at git now, as the next call would. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function openGithubDouble(): Promise<GithubDouble> {
  const faults = new Faults();
  const webhooks = new WebhookSender();
  const state = new GithubState();
  const judge = openJudge();
  const violations: string[] = [];
  const roots: { web: string; api: string } & Roots = { web: '', api: '' };
  const world: World = { state, roots, webhooks, judge, violations };
  const api = openApi(world);
  for (const add of [addAppRoutes, addRefRoutes, addPullRoutes, addCheckRoutes, addCommentRoutes]) add(api);
  const answer = (received: Received): Promise<Answer> =>
    received.path.startsWith(`${API_ROOT}/`) ? answerByApi(api.app, received) : answerGitOf(world, received);
  const tokenOf = (login: string): string => {
    const token = `ghp_${login}`;
    state.bearers.set(token, { account: state.account(login), scopes: ['repo'], app: null, expiresAtMs: null });
    return token;
  };
  const { url, close } = await serve({ faults, answer });
  roots.web = url;
  roots.api = `${url}${API_ROOT}`;
  return {
    ...{ url, faults, webhooks, state, violations, used: judge.used, close },
    addRepository: (repository) => addRepository(world, repository),
    tokenOf,
    rename: (repository, name) => {
      const before = fullName(repository).toLowerCase();
      const [owner = '', own = ''] = name.includes('/') ? name.split('/') : [repository.owner.login, name];
      repository.owner = state.account(owner);
      repository.name = own;
      const after = fullName(repository).toLowerCase();
      state.repositories.delete(before);
      state.repositories.set(after, repository);
      state.renamed.set(before, repository);
      state.renamed.delete(after);
    },
    renameBranch: (repository, from, to) => renameBranch(world, repository, { from, to }),
    deleteRepository: (repository) => {
      state.repositories.delete(fullName(repository).toLowerCase());
      for (const { pulls } of state.repositories.values())
        for (const pull of pulls) if (pull.headRepository === repository) pull.headRepository = null;
    },
    as: (repository, login, call) => actAs({ api, token: tokenOf(login) }, repository, call),
    grant: (repository, login, role) => {
      repository.roles.set(state.account(login).login.toLowerCase(), role);
    },
    addApp: (app) => {
      const made = { ...app, id: state.id(), installation: state.id() };
      state.apps.push(made);
      return made;
    },
    addHook: (repository, { url: to, secret, events = ['*'] }) => {
      repository.hooks.push({ id: state.id(), url: to, events, isActive: true, lastCode: 200 });
      const hash = (body: string): string => createHmac('sha256', secret).update(body).digest('hex');
      webhooks.target = { url: to, sign: (body) => ({ 'x-hub-signature-256': `sha256=${hash(body)}` }) };
    },
    settle: () => follow(world, state.account('ghost')),
  };
}

interface Acting {
  readonly api: Api;
  readonly token: string;
}

async function actAs({ api, token }: Acting, repository: Repository, { what, body }: PersonsCall): Promise<unknown> {
  const [method = '', below = ''] = what.split(' ');
  const response = await api.app.request(`${API_ROOT}/repos/${fullName(repository)}/${below}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${what}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

async function addRepository(
  { state }: World,
  { name: full, path, isFork = false }: NewRepository,
): Promise<Repository> {
  const [owner = '', name = ''] = full.split('/');
  const bare = bareRepository(path);
  const account = state.account(owner);
  const repository: Repository = {
    id: state.id(),
    owner: account,
    name,
    bare,
    defaultBranch: 'main',
    isFork,
    isArchived: false,
    isPrivate: false,
    isUnpaid: false,
    roles: new Map([[owner.toLowerCase(), 'admin']]),
    rulesets: [],
    protection: new Map(),
    statuses: [],
    checkRuns: [],
    comments: [],
    pulls: [],
    hooks: [],
    seen: await bare.heads(),
  };
  state.repositories.set(full.toLowerCase(), repository);
  // Whoever takes a name ends that it leads elsewhere.
  state.renamed.delete(full.toLowerCase());
  return repository;
}

async function renameBranch(
  world: World,
  repository: Repository,
  { from, to }: Readonly<{ from: string; to: string }>,
): Promise<void> {
  const commit = await repository.bare.head(from);
  await repository.bare.move(`refs/heads/${to}`, null, commit);
  for (const pull of repository.pulls) if (pull.state === 'open' && pull.base === from) pull.base = to;
  if (repository.defaultBranch === from) {
    repository.defaultBranch = to;
    await repository.bare.git('symbolic-ref', 'HEAD', `refs/heads/${to}`);
  }
  await repository.bare.move(`refs/heads/${from}`, commit, null);
  await follow(world, repository.owner);
}

const UNKNOWN: Answer = { status: 404, headers: {}, body: Buffer.from('Repository not found.') };
const WHO: Answer = {
  status: 401,
  headers: { 'www-authenticate': 'Basic realm="GitHub"' },
  body: Buffer.from('Authentication required'),
};

async function answerGitOf(world: World, received: Received): Promise<Answer> {
  const [, owner = '', name = '', inside = ''] = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/.*)$/.exec(received.path) ?? [];
  const moved = world.state.renamed.get(`${owner}/${name}`.toLowerCase());
  if (moved !== undefined) {
    const query = received.query.size === 0 ? '' : `?${received.query}`;
    return { status: 301, headers: { location: `/${fullName(moved)}.git${inside}${query}` }, body: Buffer.alloc(0) };
  }
  const repository = world.state.repository(owner, name);
  const bearer = bearerOf(world.state, received.headers['authorization'] ?? '');
  if (bearer === null) return WHO;
  if (repository === undefined || !maySee(repository, bearer)) return UNKNOWN;
  const isPush = inside === '/git-receive-pack' || received.query.get('service') === 'git-receive-pack';
  if (isPush && (repository.isArchived || !hasRole(repository, bearer, 'write'))) return { ...UNKNOWN, status: 403 };
  const bound = [repository.defaultBranch, ...repository.protection.keys()].filter(
    (branch) => whyNotMoved(repository, { branch, to: '', by: bearer }) !== null,
  );
  const protection = bound.map((branch) => ({ branch, mayPush: false }));
  const answer = await answerGit({
    repository: repository.bare,
    received,
    inside,
    user: bearer.account.login,
    protection,
  });
  if (inside === '/git-receive-pack') await follow(world, bearer.account);
  return answer;
}
