/**
 * A double of a forge as a life of pull requests needs it: served until it is closed, with what its people do there and what the
 * service needs to know of it. `dev` and `dev2` may write, `guest` may only read, `queue` is the service's own user.
 */
import { type Faults, openGithubDouble, startGitea } from '@gatehouse/doubles';
import type { Environment } from '../../src/platform/process-environment.ts';
import type { PeoplesSide } from '../forge-people.contract.ts';
import { peopleOf as peopleOfGitea } from '../gitea-double.ts';
import { peopleOf as peopleOfGithub } from '../github-double.ts';
import type { Forge } from '../scratch-forge.ts';
import { type ForgeActs, giteaActs, githubActs } from './forge-acts.ts';

export const FORGES = ['gitea', 'github'] as const;
export type ForgeName = (typeof FORGES)[number];

/** Nobody but forge and service knows it. */
const WEBHOOK_SECRET = 'planted-forge-webhook-secret';

export interface ForgeSide {
  readonly name: ForgeName;
  readonly faults: Faults;
  readonly people: PeoplesSide;
  /** What the service is started with. */
  readonly environment: Environment;
  readonly where: { readonly url: string; readonly forge: ForgeName; readonly credential: ForgeName };
  /** The service's own. */
  readonly token: string;
  /** No log, row, file, report or process list may hold one of them. */
  readonly secrets: readonly string[];
  readonly acts: ForgeActs;
  sendWebhooksTo(serviceUrl: string): void;
  unlabel(pullRequest: number): Promise<void>;
  reopen(pullRequest: number): Promise<void>;
  retarget(pullRequest: number, base: string): Promise<void>;
  /** A person lands it: its head is on top of main. */
  mergeByHand(pullRequest: number): Promise<void>;
  /** Main requires no check any more. */
  requireNothing(): void;
  /** Sees branches that were moved past the API. */
  notice(): Promise<void>;
  /** Numbers of the pull requests that are open. */
  open(): readonly number[];
  /** What the description of the forge does not know; empty: all was as it describes. */
  violations(): readonly string[];
  close(): Promise<void>;
}

export const openForge = (name: ForgeName, behind: Forge): Promise<ForgeSide> =>
  name === 'gitea' ? openGitea(behind.path) : openGithub(behind);

async function openGitea(path: string): Promise<ForgeSide> {
  const people = { queue: 'admin', dev: 'write', dev2: 'write', guest: 'read', boss: 'admin' } as const;
  const gitea = await startGitea({ path, people });
  const token = gitea.token('queue');
  const as = async (login: string, call: string, body?: unknown): Promise<void> => {
    const { status } = await gitea.as(login, call, body);
    if (status >= 300) throw new Error(`${call}: ${status}`);
  };
  return {
    name: 'gitea',
    faults: gitea.faults,
    people: peopleOfGitea(gitea),
    acts: giteaActs(gitea),
    environment: { ORCH_GITEA_TOKEN: token, ORCH_GITEA_WEBHOOK_SECRET: WEBHOOK_SECRET },
    where: { url: gitea.cloneUrl, forge: 'gitea', credential: 'gitea' },
    token,
    secrets: [token, WEBHOOK_SECRET],
    sendWebhooksTo: (url) => gitea.sendWebhooksTo(`${url}/webhooks/gitea`, WEBHOOK_SECRET),
    unlabel: (number) => as('dev', `PUT issues/${number}/labels`, { labels: [] }),
    reopen: (number) => as('dev', `PATCH pulls/${number}`, { state: 'open' }),
    retarget: (number, base) => as('dev', `PATCH pulls/${number}`, { base }),
    mergeByHand: (number) => as('dev', `POST pulls/${number}/merge`, { Do: 'fast-forward-only' }),
    requireNothing: () => void gitea.state.protection.delete('main'),
    notice: () => gitea.notice('dev'),
    open: () => [...gitea.state.pulls.values()].filter(({ state }) => state === 'open').map(({ number }) => number),
    violations: () => [],
    close: () => gitea.close(),
  };
}

async function openGithub(behind: Forge): Promise<ForgeSide> {
  const double = await openGithubDouble();
  const repository = await double.addRepository({ name: 'octo/app', path: behind.path });
  double.state.account('guest');
  for (const login of ['dev', 'dev2', 'queue']) double.grant(repository, login, 'write');
  const token = double.tokenOf('queue');
  const as = (login: string, what: string, body?: unknown) => double.as(repository, login, { what, body });
  const url = `${double.url}/octo/app.git`;
  return {
    name: 'github',
    faults: double.faults,
    people: peopleOfGithub({ double, repository, url, as }),
    acts: githubActs(double, repository),
    environment: {
      ORCH_GITHUB_URL: double.url,
      ORCH_GITHUB_TOKEN: token,
      ORCH_GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET,
    },
    where: { url, forge: 'github', credential: 'github' },
    token,
    secrets: [token, WEBHOOK_SECRET],
    sendWebhooksTo: (to) => double.addHook(repository, { url: `${to}/webhooks/github`, secret: WEBHOOK_SECRET }),
    unlabel: async (number) => void (await as('dev', `DELETE issues/${number}/labels/gatehouse`)),
    reopen: async (number) => void (await as('dev', `PATCH pulls/${number}`, { state: 'open' })),
    retarget: async (number, base) => void (await as('dev', `PATCH pulls/${number}`, { base })),
    mergeByHand: async (number) => {
      const sha = repository.pulls[number - 1]?.head;
      await as('dev', 'PATCH git/refs/heads/main', { sha, force: false });
    },
    requireNothing: () => void repository.rulesets.splice(0),
    notice: () => double.settle(),
    open: () => repository.pulls.filter(({ state }) => state === 'open').map(({ number }) => number),
    violations: () => double.violations,
    close: () => double.close(),
  };
}
