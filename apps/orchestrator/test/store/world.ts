/** A small world for store tests: one repository, the real engine, a clock that only tests move. */
import { DEFAULT_CONFIG, decide, initialState } from '@gatehouse/stage-engine';
import type {
  ClaimedJob,
  ClaimRequest,
  Engine,
  JobToken,
  NewCommandRun,
  NewGateRun,
  NewTask,
  Store,
  Task,
} from '../../src/store/port/index.ts';

export const ENGINE: Engine = { decide, initialState, config: DEFAULT_CONFIG };
export const REPO = 'demo';
export const T0 = 1_000_000;
export const LEASE_MS = 60_000;

/** How a suite gets at a store; `again` is a second, independent connection to the same data. */
export interface StoreUnderTest {
  readonly store: Store;
  again(): Promise<Store>;
  dispose(): Promise<void>;
}

export async function withRepo(store: Store, id: string = REPO): Promise<Store> {
  await store.addRepo({ id, url: `file:///${id}`, forge: 'local', main: 'main', profile: 'gates-only', atMs: T0 });
  return store;
}

export async function addTask(store: Store, id: string, extra: Partial<NewTask> = {}): Promise<Task> {
  const added = await store.addTask(
    {
      id,
      repoId: REPO,
      profile: 'gates-only',
      branch: `feature/${id}`,
      key: id.toUpperCase(),
      title: `Task ${id}`,
      actor: 'test',
      atMs: T0,
      ...extra,
    },
    ENGINE,
  );
  if (added.kind !== 'added') throw new Error(`expected the task to be added, got ${added.kind}`);
  return added.task;
}

export function claim(store: Store, extra: Partial<ClaimRequest> = {}): Promise<ClaimedJob | null> {
  return store.claimJob({
    workerId: 'w1',
    kinds: ['gate', 'landing', 'reading', 'agent', 'probe'],
    nowMs: T0,
    leaseMs: LEASE_MS,
    limits: { agents: 9, gateRuns: 9 },
    ...extra,
  });
}

export async function mustClaim(store: Store, extra: Partial<ClaimRequest> = {}): Promise<ClaimedJob> {
  const job = await claim(store, extra);
  if (job === null) throw new Error('expected a job to be claimable');
  return job;
}

export const tokenOf = (job: ClaimedJob): JobToken => ({ jobId: job.id, token: job.token });

type Answer =
  | { status: 'pass' }
  | { status: 'fail' }
  | { status: 'defer'; cause: 'lock-busy' | 'infra' | 'base-moved' | 'main-broken' };

/** The claimed job's check answers. */
export function answer(store: Store, job: ClaimedJob, verdict: Answer, atMs: number = T0) {
  return store.applyEvent(answered(job, verdict, atMs));
}

function answered(job: ClaimedJob, verdict: Answer, atMs: number) {
  const explained = { reason: 'as the test says', findings: [], ...verdict };
  const event = { kind: 'check-answered', check: job.step as 'check_security_gate', verdict: explained, atMs } as const;
  return { taskId: job.taskId ?? '', event, engine: ENGINE, job: tokenOf(job) };
}

/** The commit that `toLanding` has tested. */
export const TESTED: string = 'c'.repeat(40);

/** Takes the only claimable task through its sub-gates until its landing job is claimed and the lease is held. */
export async function toLanding(store: Store, taskId: string): Promise<{ job: ClaimedJob; leaseToken: number }> {
  let leaseToken = 0;
  for (;;) {
    const job = await mustClaim(store);
    if (job.taskId !== taskId) throw new Error(`expected a job of ${taskId}`);
    if (job.kind === 'landing') return { job, leaseToken };
    if (job.step === 'check_branch_mergeable') {
      leaseToken = await mustAcquire(store, taskId);
      await recordGreen(store, taskId);
      await store.applyEvent({ ...answered(job, { status: 'pass' }, T0), writes: { task: { testedSha: TESTED } } });
    } else await answer(store, job, { status: 'pass' });
  }
}

/** What a green merge check leaves: the run of the test command, and the verdict that rests on it. */
export async function recordGreen(
  store: Store,
  taskId: string,
  { run = {}, gate = {} }: { readonly run?: Partial<NewCommandRun>; readonly gate?: Partial<NewGateRun> } = {},
): Promise<number> {
  const basisRun = await store.recordRun({ ...GREEN_RUN, taskId, ...run });
  await store.recordGateRun(taskId, { ...PLAIN_GATE, testedSha: TESTED, basis: 'test-run', basisRun, ...gate });
  return basisRun;
}

export const GREEN_RUN: NewCommandRun = {
  repoId: REPO,
  taskId: null,
  purpose: 'branch',
  commit: TESTED,
  tree: 'e'.repeat(40),
  command: 'test',
  startedAt: T0,
  durationMs: 1,
  outcome: 'green',
  reason: 'as the test says',
  exitCode: 0,
  tests: null,
  level: 'group',
  leftovers: 0,
  logPath: null,
};

/** A pass that says nothing more. */
export const PLAIN_GATE: NewGateRun = {
  check: 'check_branch_mergeable',
  baseSha: null,
  headSha: null,
  testedSha: null,
  tree: null,
  status: 'pass',
  cause: null,
  reason: 'as the test says',
  findings: [],
  warnings: [],
  artefact: null,
  durationMs: 1,
  gateDigest: null,
  createdAt: T0,
  basis: null,
  basisRun: null,
};

export async function mustAcquire(store: Store, holder: string, atMs: number = T0): Promise<number> {
  const asked = await store.acquireLease({ repoId: REPO, holder, attempt: 1, atMs, ttlMs: LEASE_MS });
  if (asked.kind !== 'acquired') throw new Error(`expected the lease, got ${JSON.stringify(asked)}`);
  return asked.token;
}
