/** How job rows are made, ended and brought forward; used by transitions, claims and the reaper inside theirs. */
import { and, eq, getTableColumns, isNull, type SQL, sql } from 'drizzle-orm';
import { jobs } from '../schema/index.ts';
import type { Connection } from './adapters/connection.ts';
import { opaque, placeholdersOf } from './placeholders.ts';
import type { Job, JobStore, JobToken } from './port.ts';
import { prepareInsert, prepareSelect, prepareUpdate } from './prepared-queries.ts';

/** What a point of priority is worth: ten minutes of waiting. Being finite, it starves nobody. */
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

/** The job that is leased under this very token: places `jobId` and `token`. */
export const UNDER_TOKEN: SQL | undefined = and(
  eq(jobs.id, sql.placeholder('jobId')),
  eq(jobs.token, sql.placeholder('token')),
  eq(jobs.state, 'leased').inlineParams(),
);

const { sortKey: _, ...columns } = getTableColumns(jobs);
/** What is read of a job: its place in the claim's order is nobody else's business. */
export const JOB = columns;

export interface JobRows {
  readonly insert: (job: NewJob) => Job;
  /** The repository's live probe of this step, made when there is none. */
  readonly addProbe: (probe: Parameters<JobStore['addProbe']>[0]) => Job;
  readonly byId: (id: number) => Job | undefined;
  readonly liveOf: (taskId: string) => Job[];
  /** Whether the job is leased under this very token. */
  readonly isClaim: (job: JobToken) => boolean;
  /** Ends a leased job under its token; false = fenced. */
  readonly end: (job: JobToken, to: { state: 'done' | 'failed'; atMs: number; taskId?: string }) => boolean;
  /** Takes jobs away: terminal, and the token moves on so that a running worker is fenced. */
  readonly cancel: (ids: readonly number[], atMs: number) => void;
  /** A ready job of the task becomes due now at the latest. */
  readonly bringForward: (taskId: string, atMs: number) => void;
}

export function jobRows(connection: Connection): JobRows {
  const { orm } = connection;
  const id = eq(jobs.id, sql.placeholder('id'));
  const insert = prepareInsert(connection, orm.insert(jobs).values(placeholdersOf(jobs)));
  const byId = prepareSelect(connection, JOB, orm.select(JOB).from(jobs).where(id));
  const live = and(eq(jobs.taskId, opaque('taskId')), sql`${jobs.state} IN ('ready', 'leased')`);
  const liveOf = prepareSelect(connection, JOB, orm.select(JOB).from(jobs).where(live).orderBy(jobs.id));
  const atMs = sql`${sql.placeholder('atMs')}`;
  const ofTask = sql`(${sql.placeholder('taskId')} IS NULL OR ${jobs.taskId} = ${sql.placeholder('taskId')})`;
  const ended = { state: sql`${sql.placeholder('state')}`, finishedAt: atMs, leaseUntil: null };
  const end = prepareUpdate(connection, orm.update(jobs).set(ended).where(and(UNDER_TOKEN, ofTask)));
  const isDelayed = and(
    eq(jobs.taskId, sql.placeholder('taskId')),
    eq(jobs.state, 'ready').inlineParams(),
    sql`${jobs.availableAt} > ${atMs}`,
  );
  const due = { availableAt: atMs, sortKey: sql`${atMs} - ${jobs.priority} * ${sql.raw(String(PRIORITY_MS))}` };
  const bringForward = prepareUpdate(connection, orm.update(jobs).set(due).where(isDelayed));
  const cancelled = { state: 'cancelled', token: sql`${jobs.token} + 1`, finishedAt: atMs, leaseUntil: null } as const;
  const cancel = prepareUpdate(
    connection,
    orm
      .update(jobs)
      .set(cancelled)
      .where(and(id, isNull(jobs.finishedAt))),
  );
  const isLiveProbe = and(
    eq(jobs.repoId, sql.placeholder('repoId')),
    eq(jobs.step, sql.placeholder('step')),
    isNull(jobs.taskId),
    sql`${jobs.state} IN ('ready', 'leased')`,
  );
  const liveProbe = prepareSelect(connection, JOB, orm.select(JOB).from(jobs).where(isLiveProbe));
  const add = (job: NewJob): Job => {
    const row = { ...job, ...NEVER_CLAIMED };
    return { ...row, id: insert({ ...row, sortKey: job.availableAt - job.priority * PRIORITY_MS }) };
  };
  return {
    insert: add,
    addProbe: ({ repoId, step, delayMs, atMs }) => {
      const live = liveProbe.get({ repoId, step });
      if (live !== undefined) return live;
      const job = { repoId, taskId: null, kind: 'probe', stage: null, step, payload: {}, priority: 0 } as const;
      return add({ ...job, availableAt: atMs + delayMs, createdAt: atMs });
    },
    byId: (jobId) => byId.get({ id: jobId }),
    isClaim: ({ jobId, token }) => {
      const job = byId.get({ id: jobId });
      return job?.state === 'leased' && job.token === token;
    },
    liveOf: (taskId) => liveOf.all({ taskId }),
    end: ({ jobId, token }, { state, atMs, taskId }) =>
      end({ jobId, token, state, atMs, taskId: taskId ?? null }) === 1,
    cancel: (ids, atMs) => {
      for (const jobId of ids) cancel({ id: jobId, atMs });
    },
    bringForward: (taskId, atMs) => void bringForward({ taskId, atMs }),
  };
}
