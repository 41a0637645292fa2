/** What `@gatehouse/cancel` asks of the durable side, on the store. Every call is one transaction of it. */
import type {
  CancellationState,
  CancellationStore,
  KeyRelease,
  LedgerAnswer,
  RunRef,
  RunsEnded,
} from '@gatehouse/cancel';
import type { ServiceContext } from '../context.ts';
import type { JobToken, Repository, Task } from '../store/port.ts';

const ACTOR = 'stop';
/** Logged with the task and its `runs`. */
export const UNVERIFIED_END = 'the end of a stopped run could not be proven';

export function cancellationStore(service: ServiceContext): CancellationStore {
  const { store, engine, now } = service;
  return {
    requestStop: async ({ taskId, reason, actor }) => {
      const told = await store.requestStop({ taskId, reason, actor, atMs: now(), engine });
      if (told.kind === 'unknown-task') return told;
      return { kind: told.kind, runs: told.stopped.map(({ id, token }) => runRef({ jobId: id, token })) };
    },
    beginAttempt: (taskId) => beginAttempt(service, taskId),
    completed: (end) => recordCompleted(service, end),
    releaseKeys: (burial) => releaseKeys(service, burial),
  };
}

export const runRef = ({ jobId, token }: JobToken): RunRef => ({ id: String(jobId), token });
export const claimOf = ({ id, token }: RunRef): JobToken => ({ jobId: Number(id), token });

async function beginAttempt(service: ServiceContext, taskId: string): Promise<CancellationState> {
  const { store, activeClaims, now } = service;
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

async function recordCompleted({ store, engine, now, log }: ServiceContext, end: RunsEnded): Promise<LedgerAnswer> {
  const { taskId, verified, unproven } = end;
  if (!verified) log.warn(UNVERIFIED_END, { task: taskId, runs: unproven.join('; ') });
  const event = { kind: 'stop-settled', verified, atMs: now() } as const;
  const applied = await store.applyEvent({ taskId, event, engine, actor: ACTOR });
  return applied.kind === 'applied' || applied.kind === 'ignored'
    ? { kind: 'recorded' }
    : { kind: 'refused', reason: applied.kind };
}

async function releaseKeys({ store, now }: ServiceContext, burial: KeyRelease): Promise<LedgerAnswer> {
  const buried = await store.tombstone({ ...burial, actor: ACTOR, atMs: now() });
  return buried.kind === 'buried' ? { kind: 'recorded' } : buried;
}
