/** A double of GitHub for the tests of its adapter: `dev` and `dev2` may write, `outsider` may not, `queue` is the adapter's own user. */
import { type GithubDouble, openGithubDouble, type Repository, type Role } from '@gatehouse/doubles';
import { afterAll, afterEach, expect } from '@jest/globals';
import { githubForge } from '../src/forges/github/github.ts';
import type { Forge } from '../src/forges/port.ts';
import type { PeoplesSide } from './forge-people.contract.ts';

const started: GithubDouble[] = [];
const kept: GithubDouble[] = [];
/** Whatever a test did, every exchange was one that GitHub's published description knows. */
const closeAll = async (doubles: GithubDouble[]): Promise<void> => {
  for (const github of doubles.splice(0)) {
    await github.close();
    expect(github.violations).toEqual([]);
  }
};
afterEach(() => closeAll(started));
afterAll(() => closeAll(kept));

export interface Github {
  readonly double: GithubDouble;
  readonly repository: Repository;
  readonly url: string;
  /** The answer's body; a refusal throws. */
  as(login: string, call: string, body?: unknown): Promise<unknown>;
}

const ROLES: Readonly<Record<string, Role>> = { dev: 'write', dev2: 'write', queue: 'write' };

/** Closed at the end of the test, or of the file. */
export async function startGithub(
  path: string,
  lives: 'for the test' | 'for the file' = 'for the test',
): Promise<Github> {
  const double = await openGithubDouble();
  (lives === 'for the test' ? started : kept).push(double);
  const repository = await double.addRepository({ name: 'octo/app', path });
  double.state.account('outsider');
  for (const [login, role] of Object.entries(ROLES)) double.grant(repository, login, role);
  const as: Github['as'] = (login, what, body) => double.as(repository, login, { what, body });
  return { double, repository, url: `${double.url}/octo/app.git`, as };
}

export const credentialsOf = (token: string, webhookSecret = '') =>
  new Map([['github', { token, sshKey: '', webhookSecret }]]);

/** The adapter; another map of credentials is another session. */
export const forgeAt = (url: string, token: string, timeoutMs?: number): Forge =>
  githubForge(
    { forge: 'github', url, credential: 'github', credentials: credentialsOf(token) },
    timeoutMs === undefined ? {} : { timeoutMs, gitTimeoutMs: timeoutMs },
  );

const idOf = (body: unknown): number => (body as { readonly id: number }).id;

export function peopleOf({ double, repository, as }: Github): PeoplesSide {
  return {
    faults: double.faults,
    open: async ({ by, branch, title }) => {
      const made = await as(by, 'POST pulls', { title, head: branch, base: 'main' });
      return (made as { readonly number: number }).number;
    },
    close: async (number) => void (await as('dev', `PATCH pulls/${number}`, { state: 'closed' })),
    retitle: async (number, title) => void (await as('dev', `PATCH pulls/${number}`, { title })),
    label: async (number, label) => void (await as('dev', `POST issues/${number}/labels`, { labels: [label] })),
    write: async (number, { by, text }) => idOf(await as(by, `POST issues/${number}/comments`, { body: text })),
    edit: async (comment, { by, text }) => void (await as(by, `PATCH issues/comments/${comment}`, { body: text })),
    approve: async (number, by) => void (await as(by, `POST pulls/${number}/reviews`, { event: 'APPROVE' })),
    requestChanges: async (number, by) =>
      void (await as(by, `POST pulls/${number}/reviews`, { event: 'REQUEST_CHANGES', body: 'no' })),
    require: async (contexts) => {
      const required = contexts.map((context) => ({ context, appId: null }));
      repository.rulesets.splice(0, Number.POSITIVE_INFINITY, { id: 7, name: 'main', required });
    },
    report: async (commit, context, to) => void (await as('dev', `POST statuses/${commit}`, { context, state: to })),
    promote: async () => double.grant(repository, 'queue', 'admin'),
    statusesOf: async (commit) => {
      const last = new Map(repository.statuses.filter(({ sha }) => sha === commit).map((one) => [one.context, one]));
      return [...last.values()].map(({ context, state, description }) => ({ context, state, text: description ?? '' }));
    },
    commentsOf: async (number) =>
      repository.comments
        .filter(({ issue }) => issue === number)
        .map(({ user, body }) => ({ by: user.login, text: body })),
    stateOf: async (number) => {
      await double.settle();
      const pull = repository.pulls[number - 1];
      if (pull === undefined) throw new Error(`there is no #${number}`);
      return pull.mergedAt === null ? pull.state : 'merged';
    },
    isNewComment: ({ method, path }) => method === 'POST' && path.endsWith('/comments'),
    isLanding: ({ method, path }) => method === 'PATCH' && path.endsWith('/git/refs/heads/main'),
  };
}
