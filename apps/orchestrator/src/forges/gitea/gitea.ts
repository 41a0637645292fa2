/**
 * Gitea and Forgejo, over their API and git: what people see, and landings that a pull request shows as merged. Held to
 * exchanges that a real Gitea 1.25.4 was recorded with (docs/adr/0022-the-outside-is-read-again-and-told-once.md).
 */
import type { ForgeAccess } from '../choose.ts';
import { cannotLand as cannotRead } from '../git.ts';
import { deleteTaskBranch, fetchHeads, pushTaskBranch } from '../git-remote.ts';
import type { CannotLand, Forge } from '../port.ts';
import { remoteOf } from '../remote-of.ts';
import { type GiteaClient, giteaClient, whyNot } from './client.ts';
import { finish } from './finish.ts';
import { inspect } from './inspect.ts';
import { land } from './land.ts';
import { prepare } from './prepare.ts';
import { onePullRequest, openPullRequests } from './pull-requests.ts';
import { repositoryNow } from './repository.ts';
import { branchPath, reportedChecks, requiredChecks } from './required-checks.ts';
import { mayCommand } from './rights.ts';
import { BRANCH, REPOSITORY } from './shapes.ts';
import { personsComments, setStatus, writeComment } from './tell.ts';

/** How long a Gitea is waited for. */
export interface Patience {
  /** For one answer. */
  readonly timeoutMs: number;
  /** How large one answer may be. [16 MiB] */
  readonly limitBytes?: number;
  /** Between tries to merge while Gitea still checks: a landing makes it check every open pull request again. */
  readonly retryMs: readonly number[];
}

const PATIENCE: Patience = { timeoutMs: 30_000, retryMs: [500, 1_000, 2_000, 4_000, 4_000] };

export function giteaForge(access: ForgeAccess, { retryMs, ...bounds }: Patience = PATIENCE): Forge {
  const gitea = giteaClient(access, bounds);
  const remote = remoteOf(access);
  return {
    name: 'gitea',
    credential: access.credential ?? null,
    fetch: (request) => fetchHeads(remote, request),
    cannotLand: async (main) => (await cannotRead(remote, main)) ?? mayNotLand(gitea, main),
    requiredChecks: (of) => requiredChecks(gitea, of),
    reportedChecks: (of) => reportedChecks(gitea, of),
    prepare: (request) => prepare({ gitea, remote }, request),
    land: (request) => land({ gitea, remote, retryMs }, request),
    pushBranch: (order) => pushTaskBranch(remote, order),
    deleteBranch: (order) => deleteTaskBranch(remote, order),
    repository: (main, signal) => repositoryNow(gitea, { url: access.url, main, signal }),
    setStatus: (status) => setStatus(gitea, status),
    comment: (comment) => writeComment(gitea, comment),
    pullRequests: (signal) => openPullRequests(gitea, signal),
    pullRequest: (number, signal) => onePullRequest(gitea, number, signal),
    comments: (of) => personsComments(gitea, of),
    mayCommand: (login, signal) => mayCommand(gitea, login, signal),
    finish: (landed) => finish(gitea, landed),
    inspect: (main, signal) => inspect(gitea, main, signal),
  };
}

const LET_IN =
  'let its user in with the right to write at Settings, Collaboration, and, where main is protected, put it on both lists there';

/** Main can be read; whether it can be moved. */
async function mayNotLand(gitea: GiteaClient, main: string): Promise<CannotLand | null> {
  const next = 'run `gatehouse doctor --repo` for it';
  const repository = await gitea.call({ method: 'GET', path: '', reads: REPOSITORY });
  if (repository.kind !== 'ok') return { reason: whyNot(repository), next };
  if (repository.value.archived) return { reason: 'the repository is archived', next };
  const branch = await gitea.call({ method: 'GET', path: branchPath(main), reads: BRANCH });
  if (branch.kind !== 'ok') return { reason: whyNot(branch), next };
  const { user_can_push, user_can_merge } = branch.value;
  return user_can_push || user_can_merge
    ? null
    : { reason: `the token may neither push nor merge into ${main}`, next: LET_IN };
}
