/** What `@gatehouse/cancel` asks of the durable side, on the store. Every call is one transaction of it. */
import type {
  CancellationState,
  CancellationStore,
  KeyRelease,
  LedgerAnswer,
  RunRef,
  RunsEnded,
} from '@gatehouse/cancel';
import type { JobToken, Repository, Task } from '../store/port/index.ts';
import type { CancellationDeps } from './port.ts';

const ACTOR = 'stop';
/** Logged with the task and its `runs`. */
export const UNVERIFIED_END = 'the end of a stopped run could not be proven';

export function cancellationStore(deps: CancellationDeps): CancellationStore {
  const { store, engine, now } = deps;
  return {
    requestStop: async ({ taskId, reason, actor }) => {
      const answer = await store.requestStop({ taskId, reason, actor, atMs: now(), engine });
      if (answer.kind === 'unknown-task') return answer;
      return { kind: answer.kind, runs: answer.stopped.map(({ id, token }) => runRef({ jobId: id, token })) };
    },
    beginAttempt: (taskId) => beginAttempt(deps, taskId),
    completed: (end) => recordCompleted(deps, end),
    releaseKeys: (release) => releaseKeys(deps, release),
  };
}

export const runRef = ({ jobId, token }: JobToken): RunRef => ({ id: String(jobId), token });
export const claimOf = ({ id, token }: RunRef): JobToken => ({ jobId: Number(id), token });

async function beginAttempt(deps: CancellationDeps, taskId: string): Promise<CancellationState> {
  const { store, activeClaims, now } = deps;
  const begun = await store.beginSettling({ taskId, actor: ACTOR, atMs: now() });
  if (begun.kind !== 'begun') return begun;
  const repo = await store.getRepo(begun.task.repoId);
  if (repo === null) return { kind: 'unknown-task' };
  const { task, attempt, stopped } = begun;
  const kind = task.stage === 'cancelled' ? 'cancelled' : 'stopping';
  // Claims that were taken away for another reason shortly before may still be about to end.
  const known = new Map<string, RunRef>();
  for (const claim of [...(kind === 'stopping' ? stopped : []), ...activeClaims.of(taskId)])
    known.set(`${claim.jobId}-${claim.token}`, runRef(claim));
  return { kind, attempt, runs: [...known.values()], facts: factsOf(task, repo) };
}

const factsOf = (task: Task, repo: Repository) => ({
  profile: task.profile,
  branch: task.branch,
  head: task.headSha,
  main: repo.main,
  protectedNames: [],
});

async function recordCompleted({ store, engine, now, log }: CancellationDeps, end: RunsEnded): Promise<LedgerAnswer> {
  const { taskId, verified, unproven } = end;
  if (!verified) log.warn(UNVERIFIED_END, { task: taskId, runs: unproven.join('; ') });
  const event = { kind: 'stop-settled', verified, atMs: now() } as const;
  const applied = await store.applyEvent({ taskId, event, engine, actor: ACTOR });
  return applied.kind === 'applied' || applied.kind === 'ignored'
    ? { kind: 'recorded' }
    : { kind: 'refused', reason: applied.kind };
}

async function releaseKeys({ store, now }: CancellationDeps, release: KeyRelease): Promise<LedgerAnswer> {
  const tombstoned = await store.tombstone({ ...release, actor: ACTOR, atMs: now() });
  return tombstoned.kind === 'released' ? { kind: 'recorded' } : tombstoned;
}
