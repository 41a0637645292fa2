/** How job rows are made, ended and brought forward; used by transitions, claims and the reaper inside theirs. */
import { jobs } from '../schema/index.ts';
import type { Job, JobStore, JobToken } from './port/index.ts';
import type { Driver, Operation } from './sql/driver.ts';
import { insertInto, namesBut, tableShape } from './sql/row-shape.ts';

/** What a point of priority is worth: ten minutes of waiting. It is finite, so it starves no task. */
export const PRIORITY_MS = 600_000;

export interface NewJob extends Pick<Job, 'repoId' | 'taskId' | 'kind' | 'stage' | 'step' | 'payload' | 'priority'> {
  readonly availableAt: number;
  readonly createdAt: number;
}

const NEVER_CLAIMED = {
  state: 'ready',
  token: 0,
  workerId: null,
  leaseUntil: null,
  heartbeatAt: null,
  progressAt: null,
  attempts: 0,
  finishedAt: null,
} as const satisfies Partial<Job>;

/** What is read of a job: its place in the claim's order, and what claims note down, stay inside the store. */
export const JOB = tableShape(jobs, ['sortKey', 'heldBy']);
/** What is written of it. */
const WHOLE_JOB = tableShape(jobs);

/** As the indexes of live jobs say it. */
export const LIVE_JOB = `state IN ('ready', 'leased')`;
/** The job that is leased under this very token: places `jobId` and `token`. */
export const UNDER_TOKEN = `id = :jobId AND token = :token AND state = 'leased'`;
const END = `UPDATE jobs SET state = :state, finished_at = :atMs, lease_until = NULL WHERE ${UNDER_TOKEN}`;
const CANCEL = `UPDATE jobs SET state = 'cancelled', token = token + 1, finished_at = :atMs, lease_until = NULL
  WHERE id = :id AND finished_at IS NULL`;
const BRING_FORWARD = `UPDATE jobs SET available_at = :atMs, sort_key = :atMs - priority * ${PRIORITY_MS}, held_by = NULL
  WHERE task_id = :taskId AND state = 'ready' AND available_at > :atMs`;
const LIVE_PROBE = `SELECT ${JOB.list} FROM jobs
  WHERE repo_id = :repoId AND step = :step AND task_id IS NULL AND ${LIVE_JOB}`;

export interface JobRows {
  readonly insert: (job: NewJob) => Operation<Job>;
  /** The repository's live probe of this step, made when there is none. */
  readonly addProbe: (probe: Parameters<JobStore['addProbe']>[0]) => Operation<Job>;
  readonly byId: (id: number) => Operation<Job | undefined>;
  readonly liveOf: (taskId: string) => Operation<Job[]>;
  /** Whether the job is leased under this very token. */
  readonly isClaim: (job: JobToken) => Operation<boolean>;
  /** Ends a leased job under its token, of this task if one is named; false = fenced. */
  readonly end: (job: JobToken, to: JobEnd) => Operation<boolean>;
  /** Takes a job away: terminal, and the token moves on so that a running worker is fenced. */
  readonly cancel: (id: number, atMs: number) => Operation<number>;
  /** A ready job of the task becomes due now at the latest. */
  readonly bringForward: (taskId: string, atMs: number) => Operation<number>;
}

interface JobEnd {
  readonly state: 'done' | 'failed';
  readonly atMs: number;
  readonly taskId?: string;
}

export function jobRows({ dialect, row, rows, insert, change }: Driver): JobRows {
  const inserting = insert(WHOLE_JOB, insertInto(WHOLE_JOB, namesBut(WHOLE_JOB, 'id')));
  const byId = row(JOB, `SELECT ${JOB.list} FROM jobs WHERE id = :id`);
  const liveOf = rows(
    JOB,
    `SELECT ${JOB.list} FROM jobs WHERE task_id = ${dialect.opaque(':taskId')} AND ${LIVE_JOB} ORDER BY id`,
  );
  const end = change(JOB, END);
  const endOfTask = change(JOB, `${END} AND task_id = :taskId`);
  const bringForward = change(JOB, BRING_FORWARD);
  const cancel = change(JOB, CANCEL);
  const liveProbe = row(JOB, LIVE_PROBE);
  function* add(job: NewJob): Operation<Job> {
    const fresh = { ...job, ...NEVER_CLAIMED };
    const sortKey = job.availableAt - job.priority * PRIORITY_MS;
    return { ...fresh, id: yield* inserting({ ...fresh, sortKey, heldBy: null }) };
  }
  return {
    insert: add,
    *addProbe({ repoId, step, delayMs, atMs }) {
      const live = yield* liveProbe({ repoId, step });
      if (live !== undefined) return live;
      const job = { repoId, taskId: null, kind: 'probe', stage: null, step, payload: {}, priority: 0 } as const;
      return yield* add({ ...job, availableAt: atMs + delayMs, createdAt: atMs });
    },
    byId: (id) => byId({ id }),
    *isClaim({ jobId, token }) {
      const job = yield* byId({ id: jobId });
      return job?.state === 'leased' && job.token === token;
    },
    liveOf: (taskId) => liveOf({ taskId }),
    *end({ jobId, token }, { state, atMs, taskId }) {
      const values = { jobId, token, state, atMs, taskId };
      return (yield* taskId === undefined ? end(values) : endOfTask(values)) === 1;
    },
    cancel: (id, atMs) => cancel({ id, atMs }),
    bringForward: (taskId, atMs) => bringForward({ taskId, atMs }),
  };
}
