/**
 * A double of Gitea 1.25.4: one repository with its people, pull requests, protection and webhooks, over a real bare
 * repository, held to recorded exchanges. It is not Gitea.
 */
import { bareRepository } from '../bare-repository.ts';
import { Faults } from '../faults.ts';
import { answerGit } from '../git-http.ts';
import { type Answer, answerByApi, type Double, type Received, type Served, serve } from '../serve.ts';
import { WebhookSender } from '../webhook-sender.ts';
import { giteaApi, tokenIn } from './api.ts';
import { mayPush } from './branch-routes.ts';
import { moveHead, notice } from './life.ts';
import { open } from './pull-routes.ts';
import {
  doerOf,
  fullName,
  type GiteaState,
  isWriter,
  type Lag,
  type Permission,
  type ProtectionRule,
  tokenOf,
} from './state.ts';
import { giteaTarget } from './webhooks.ts';

export interface GiteaOptions {
  /** Absolute path of the bare repository. */
  readonly path: string;
  readonly main?: string;
  /** Rights by login. [queue: write, dev: write, boss: admin, outsider: none] */
  readonly people?: Readonly<Record<string, Permission>>;
}

export interface Replied {
  readonly status: number;
  /** Parsed; an empty text: none. */
  readonly body: unknown;
}

export interface Gitea {
  readonly url: string;
  /** `http://127.0.0.1:PORT/org/app.git` */
  readonly cloneUrl: string;
  readonly state: GiteaState;
  readonly faults: Faults;
  readonly webhooks: WebhookSender;
  token(login: string, scope?: 'write' | 'read'): string;
  protect(rule: Partial<ProtectionRule> & { readonly rule_name: string }): void;
  lag(lag: Partial<Lag>): void;
  sendWebhooksTo(url: string, secret: string): void;
  /** A pull request from a branch of the repository, as its author would open it. */
  open(of: Readonly<{ by: string; branch: string; title: string; body?: string }>): Promise<number>;
  /** A pull request from somebody's fork; the repository has its commit, and no branch for it. */
  openFromFork(of: Readonly<{ by: string; branch: string; title: string; head: string }>): Promise<number>;
  /** The author of a fork pushes. */
  pushToFork(number: number, head: string): Promise<void>;
  /** The repository is called `owner/name` from now on; its old name leads there. */
  rename(fullName: string): void;
  /** Another repository with the very same commits takes a name that it had. */
  takeName(fullName: string): void;
  /** The repository of a fork is deleted; its pull request stays open. */
  deleteFork(number: number): void;
  /** Looks at refs that were moved past the server, and carries out what follows. */
  notice(by?: string): Promise<void>;
  /** A call of the API as a person: `POST pulls/1/merge`, the path below the repository. */
  as(login: string, call: string, body?: unknown): Promise<Replied>;
  close(): Promise<void>;
}

const PEOPLE: Readonly<Record<string, Permission>> = {
  queue: 'write',
  dev: 'write',
  dev2: 'write',
  boss: 'admin',
  outsider: 'none',
};

export async function startGitea({ path, main = 'main', people = PEOPLE }: GiteaOptions): Promise<Gitea> {
  const state = await newState(path, main, people);
  const faults = new Faults();
  const api = giteaApi(state);
  const double: Double = {
    faults,
    answer: (received) => answerPath(state, received) ?? answerByApi(api, received),
  };
  const served = await serve(double);
  state.url = served.url;
  return handle(state, served, faults);
}

async function newState(path: string, main: string, people: Readonly<Record<string, Permission>>): Promise<GiteaState> {
  const repository = bareRepository(path);
  return {
    owner: 'org',
    name: 'app',
    id: 1,
    formerNames: new Set(),
    strangers: new Set(),
    misdirected: [],
    main,
    repository,
    webhooks: new WebhookSender(),
    people: new Map(Object.entries(people)),
    settings: {
      archived: false,
      has_pull_requests: true,
      allow_fast_forward_only_merge: true,
      allow_manual_merge: false,
      autodetect_manual_merge: false,
    },
    protection: new Map(),
    pulls: new Map(),
    comments: new Map(),
    statuses: [],
    reviews: [],
    labels: [],
    hooks: [],
    lag: { checks: 0, detection: 0, closing: 0 },
    seen: await repository.heads(),
    url: '',
    seconds: Math.floor(Date.now() / 1000),
    lastId: 0,
    mergeable: new Map(),
  };
}

/** Git beside the API, on the same port; null: not a path of git. */
function answerPath(state: GiteaState, received: Received): Promise<Answer> | null {
  const [, full = '', inside = ''] =
    /^\/([^/]+\/[^/]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/.exec(received.path) ?? [];
  if (state.formerNames.has(full.toLowerCase())) {
    const query = received.query.size === 0 ? '' : `?${received.query}`;
    return Promise.resolve(plain(307, '', { location: `/${fullName(state)}.git${inside}${query}` }));
  }
  const isStranger = state.strangers.has(full.toLowerCase());
  if (isStranger && (inside.endsWith('receive-pack') || received.query.get('service') === 'git-receive-pack')) {
    state.misdirected.push(`git push to ${full}`);
    return Promise.resolve(plain(403, 'a stranger'));
  }
  return isStranger || full.toLowerCase() === fullName(state).toLowerCase() ? gitAnswer(state, received, inside) : null;
}

const plain = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'text/plain', ...headers },
  body: Buffer.from(text),
});

async function gitAnswer(state: GiteaState, received: Received, inside: string): Promise<Answer> {
  const header = received.headers['authorization'];
  const doer = header === undefined ? null : doerOf(state, tokenIn(header));
  if (doer === null) return plain(401, 'Unauthorized', { 'www-authenticate': 'Basic realm="Gitea"' });
  if (doer.permission === 'none') return plain(404, 'Repository not found');
  const isPush = inside.endsWith('receive-pack') || received.query.get('service') === 'git-receive-pack';
  if (isPush && (state.settings.archived || !isWriter(doer.permission) || !doer.mayWrite))
    return plain(403, state.settings.archived ? 'This repo is archived.' : 'User permission denied for writing.');
  const protection = [...state.protection.values()].map((rule) => ({
    branch: rule.rule_name,
    mayPush: mayPush(rule, doer.login),
  }));
  const { repository } = state;
  const answer = await answerGit({ repository, received, inside, user: doer.login, protection });
  if (inside.endsWith('receive-pack')) await notice(state, doer.login);
  return answer;
}

function handle(state: GiteaState, served: Served, faults: Faults): Gitea {
  const numbered = async (row: Promise<{ readonly number: number }>): Promise<number> => (await row).number;
  return {
    url: served.url,
    cloneUrl: `${served.url}/${fullName(state)}.git`,
    state,
    faults,
    webhooks: state.webhooks,
    token: tokenOf,
    protect: (rule) => state.protection.set(rule.rule_name, { ...OPEN_RULE, ...rule }),
    lag: (lag) => Object.assign(state.lag, lag),
    sendWebhooksTo: (url, secret) => {
      state.webhooks.target = giteaTarget(url, secret);
    },
    open: async ({ branch, ...of }) => {
      await notice(state, of.by);
      const head = state.seen.get(branch);
      if (head === undefined) throw new Error(`there is no branch ${branch}`);
      return numbered(open(state, { ...of, branch, head, fork: null }));
    },
    openFromFork: (of) => numbered(open(state, { ...of, fork: `${of.by}/${state.name}` })),
    pushToFork: async (number, head) => {
      const row = state.pulls.get(number);
      if (row !== undefined) await moveHead(state, row, head);
    },
    rename: (to) => {
      state.formerNames.add(fullName(state).toLowerCase());
      state.formerNames.delete(to.toLowerCase());
      [state.owner = '', state.name = ''] = to.split('/');
    },
    takeName: (taken) => {
      state.formerNames.delete(taken.toLowerCase());
      state.strangers.add(taken.toLowerCase());
    },
    deleteFork: (number) => {
      const row = state.pulls.get(number);
      if (row !== undefined) row.isForkGone = true;
    },
    notice: (by = state.owner) => notice(state, by),
    as: async (login, call, body) => {
      const [method = 'GET', path = ''] = call.split(' ');
      const below = `${served.url}/api/v1/repos/${fullName(state)}`;
      const response = await fetch(path === '' ? below : `${below}/${path}`, {
        method,
        headers: { authorization: `token ${tokenOf(login)}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? '' : JSON.parse(text) };
    },
    close: () => served.close(),
  };
}

const OPEN_RULE: Omit<ProtectionRule, 'rule_name'> = {
  push_whitelist: null,
  merge_whitelist: null,
  status_check_contexts: null,
  required_approvals: 0,
  block_on_rejected_reviews: false,
};
