/** After a landing: the forge is brought to say merged, and only then the branch is deleted (docs/adr/0022). */
import { recoverKey } from '@gatehouse/cancel';
import type { ServiceContext } from '../../context.ts';
import { code } from '../../platform/markdown.ts';
import type { TellAnswer } from '../../platform/tell-answer.ts';
import type { OutboxMessage, Repository } from '../../store/port/index.ts';
import { refusesStranger } from '../repository-look.ts';
import type { PullRequest } from './decide.ts';

export type Finishes = Pick<
  ServiceContext,
  'forgeOf' | 'log' | 'lookAtRepository' | 'mirrors' | 'now' | 'settings' | 'store'
>;

const DONE: TellAnswer = { kind: 'told' };
const again = (reason: string): TellAnswer => ({ kind: 'untold', reason, retryAfterMs: null });
const DELETE_MS = 60_000;

/** Performs one order of the outbox, which asks again with bounds. */
export async function finishPullRequest(
  service: Finishes,
  { taskId }: Pick<OutboxMessage, 'taskId'>,
): Promise<TellAnswer> {
  const { store, now } = service;
  const task = taskId === null ? null : await store.getTask(taskId);
  const repo = task === null ? null : await store.getRepo(task.repoId);
  if (task === null || repo === null || task.pullRequest === null || task.landedSha === null) return DONE;
  const stranger = await refusesStranger(service, repo);
  if (stranger !== null) return stranger;
  const [number, commit] = [task.pullRequest, task.landedSha];
  const branch = recoverKey(task.branch);
  const finished = await service.forgeOf(repo).finish({ number, branch, commit, main: repo.main });
  switch (finished.kind) {
    case 'open':
    case 'unreachable':
      return again(finished.reason);
    case 'unsupported':
      return DONE;
    case 'closed':
      service.log.warn('a landed pull request could only be closed', {
        repo: repo.id,
        pullRequest: number,
        why: finished.reason,
      });
      break;
    case 'merged': {
      const kept = service.settings.forges.deleteLanded
        ? await deleteLanded(service, repo, { branch, number, commit })
        : DONE;
      if (kept.kind !== 'told') return kept;
    }
  }
  const note =
    finished.kind === 'closed' ? { note: `It ends as closed and not as merged: ${code(finished.reason)}.` } : {};
  await store.rememberPullRequest(
    { repoId: repo.id, number, branch, head: commit, taskId: task.id, finishedAt: now(), ...note },
    now(),
  );
  if (finished.kind === 'closed') {
    const about = { payload: { repoId: repo.id, number }, taskId: task.id, atMs: now() };
    await store.addOutbox({ kind: 'tell', dedupeKey: `tell-closed:${task.id}`, ...about });
  }
  return DONE;
}

interface LandedBranch {
  readonly branch: string;
  readonly number: number;
  readonly commit: string;
}

/** Never another person's: only where it holds the very commit that landed, in this repository, and the forge lets it go. */
async function deleteLanded(
  service: Finishes,
  repo: Repository,
  { branch, number, commit }: LandedBranch,
): Promise<TellAnswer> {
  const forge = service.forgeOf(repo);
  const now = await forge.pullRequest(number);
  if (now.kind === 'unreachable') return again(now.reason);
  if (now.kind !== 'pull-request' || now.pullRequest.isFork || now.pullRequest.state !== 'merged') return DONE;
  if (branch === repo.main) return DONE;
  const open = await forge.pullRequests();
  if (open.kind === 'unreachable') return again(open.reason);
  // Another one would be closed with its branch, or with the branch that it is to land on.
  if (open.kind === 'pull-requests' && open.all.some((one) => one.number !== number && needs(one, branch))) return DONE;
  const git = { gitDir: service.mirrors.directory(repo.id) };
  const signal = AbortSignal.timeout(DELETE_MS);
  const deleted = await forge.deleteBranch({ git, branch, main: repo.main, expected: commit, signal });
  if (deleted.kind === 'unknown') return again(deleted.reason);
  if (deleted.kind === 'kept')
    service.log.info('the branch of a landed pull request stays', {
      repo: repo.id,
      pullRequest: number,
      why: deleted.reason,
    });
  return DONE;
}

const needs = (one: PullRequest, branch: string): boolean =>
  one.base === branch || (one.branch === branch && !one.isFork);
