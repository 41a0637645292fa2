/** What a stopped task leaves on this machine and at its forge, and how it is removed. Each step may be asked again. */
import type { CleanUp, Runs, StepAnswer } from '@gatehouse/cancel';
import { claimOf } from './ledger.ts';
import type { CancellationDeps } from './port.ts';

/**
 * Ends a claim of this process and waits for it. A claim of a process that is gone proves nothing: its guard ends what was
 * running, but no record of that exists.
 */
export function runsPort({ store, activeClaims, workerId }: CancellationDeps): Runs {
  return {
    end: async (run) => {
      const claim = claimOf(run);
      const isOurs = activeClaims.knows(claim) || (await store.getJob(claim.jobId))?.workerId === workerId;
      if (!isOurs) return { kind: 'unknown' };
      const { unproven } = await activeClaims.end(claim);
      return { kind: 'ended', verified: unproven.length === 0, leftovers: [] };
    },
  };
}

export function cleanUpPort(deps: CancellationDeps): CleanUp {
  return {
    // Gates write their reports straight into the store; no report of theirs is in a clone.
    copyArtefacts: async () => ({ kind: 'done' }),
    keepHead: async ({ taskId, ref, head }) => {
      const task = await deps.store.getTask(taskId);
      if (task === null) return { kind: 'left', reason: 'there is no such task' };
      return deps.mirrors.pin(task.repoId, { commit: head, ref });
    },
    removeWorkplace: async ({ taskId }) => {
      const task = await deps.store.getTask(taskId);
      if (task !== null) await deps.workspaces.removeStale(task.repoId);
      return { kind: 'done' };
    },
    deleteBranch: (of, signal) => deleteBranch(deps, of, signal),
    ...issueReader(deps),
    releaseLease: ({ taskId }) => releaseLease(deps, taskId),
  };
}

/** Left out where there is no tracker: the record of the stop then says so. */
function issueReader({ store, tracker }: CancellationDeps): Pick<CleanUp, 'readIssue'> {
  if (tracker.name === 'none') return {};
  return {
    readIssue: async ({ taskId }, signal) => {
      const issueId = (await store.getTask(taskId))?.planeIssueId ?? null;
      if (issueId === null) return { kind: 'read', updatedAt: null };
      const found = await tracker.issue(issueId, signal);
      switch (found.kind) {
        case 'issue':
          return { kind: 'read', updatedAt: found.issue.updatedAt };
        case 'gone':
          return { kind: 'read', updatedAt: null };
        case 'unreachable':
        case 'unsupported':
          return { kind: 'failed', reason: found.reason };
      }
    },
  };
}

async function deleteBranch(
  { store, mirrors, forgeOf }: CancellationDeps,
  { taskId, branch, expected, facts }: Parameters<CleanUp['deleteBranch']>[0],
  signal: AbortSignal,
): Promise<StepAnswer> {
  const task = await store.getTask(taskId);
  const repo = task === null ? null : await store.getRepo(task.repoId);
  if (repo === null) return { kind: 'left', reason: 'the repository is not registered any more' };
  const git = { gitDir: mirrors.directory(repo.id) };
  const answer = await forgeOf(repo).deleteBranch({ git, branch, main: facts.main, expected, signal });
  if (answer.kind === 'deleted') return { kind: 'done' };
  return { kind: answer.kind === 'kept' ? 'left' : 'failed', reason: answer.reason };
}

/** The transactions of the stop have done so already, unless the task was inside the critical window then. */
async function releaseLease({ store, engine, now }: CancellationDeps, taskId: string): Promise<StepAnswer> {
  const task = await store.getTask(taskId);
  if (task === null) return { kind: 'done' };
  await store.dropTicket({ repoId: task.repoId, taskId, atMs: now() });
  const proof = await store.leaseOf(task.repoId, taskId);
  if (proof === null) return { kind: 'done' };
  const released = await store.releaseLease(proof, { atMs: now(), engine });
  return released.kind === 'critical' ? { kind: 'failed', reason: 'the task is still landing' } : { kind: 'done' };
}
