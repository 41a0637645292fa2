/** Jobs: heartbeats, ends, and what the reaper takes away. Claims are in claim.ts, starts in transition.ts. */
import { and, eq, or, sql } from 'drizzle-orm';
import { jobs } from '../schema/index.ts';
import type { Connection, Sync } from './adapters/connection.ts';
import { claims } from './claim.ts';
import { type JobRows, PRIORITY_MS, withoutSortKey } from './job-rows.ts';
import type { ClaimedJob, JobRow, JobStore, JobToken } from './port.ts';

const LIST_LIMIT = 1000;
const LIVE = sql`${jobs.state} IN ('ready', 'leased')`;

export function jobStore(connection: Connection, rows: JobRows): Sync<JobStore> {
  const { orm, write } = connection;
  const isClaim = and(
    eq(jobs.id, sql.placeholder('jobId')),
    eq(jobs.token, sql.placeholder('token')),
    eq(jobs.state, 'leased'),
  );
  const beat = orm
    .update(jobs)
    .set({ heartbeatAt: sql`${sql.placeholder('atMs')}`, leaseUntil: sql`${sql.placeholder('until')}` })
    .where(isClaim)
    .prepare();
  return {
    claimJob: claims(connection),
    heartbeat: (job, { atMs, leaseMs }) =>
      beat.run({ ...tokenOf(job), atMs, until: atMs + leaseMs }).changes === 1 ? 'kept' : 'lost',
    finishJob: (job, end) => (rows.end(job, end) ? 'finished' : 'fenced'),
    releaseJob: (job, { atMs, delayMs }) => {
      const availableAt = atMs + delayMs;
      const released = orm
        .update(jobs)
        .set({
          ...BACK_IN_LINE,
          attempts: sql`${jobs.attempts} - 1`,
          availableAt,
          sortKey: sql`${availableAt} - ${jobs.priority} * ${PRIORITY_MS}`,
        })
        .where(and(eq(jobs.id, job.jobId), eq(jobs.token, job.token), eq(jobs.state, 'leased')))
        .run();
      return released.changes === 1 ? 'released' : 'fenced';
    },
    addProbe: ({ repoId, step, delayMs, atMs }) =>
      write(() => {
        const mine = and(eq(jobs.repoId, repoId), eq(jobs.step, step), sql`${jobs.taskId} IS NULL`, LIVE);
        const live = orm.select().from(jobs).where(mine).get();
        if (live !== undefined) return withoutSortKey(live);
        const job = { repoId, taskId: null, kind: 'probe', stage: null, step, payload: {}, priority: 0 } as const;
        return rows.insert({ ...job, availableAt: atMs + delayMs, createdAt: atMs });
      }),
    reapExpired: (request) => write(() => reap(connection, request)),
    getJob: (id) => rows.byId(id) ?? null,
    listJobs: ({ taskId, repoId, live, limit = LIST_LIMIT } = {}) =>
      orm
        .select()
        .from(jobs)
        .where(
          and(
            taskId === undefined ? undefined : eq(jobs.taskId, taskId),
            repoId === undefined ? undefined : eq(jobs.repoId, repoId),
            live === true ? LIVE : undefined,
          ),
        )
        .orderBy(jobs.id)
        .limit(limit)
        .all()
        .map(withoutSortKey),
  };
}

/** Only what a statement binds: a caller may hand in a whole job row. */
const tokenOf = ({ jobId, token }: JobToken): JobToken => ({ jobId, token });

const BACK_IN_LINE = { state: 'ready', workerId: null, leaseUntil: null, heartbeatAt: null, progressAt: null } as const;

type ReapRequest = Parameters<JobStore['reapExpired']>[0];

/** Expired work goes back to the line; work out of attempts goes to the reaper itself, to be answered for. */
function reap(
  { orm }: Connection,
  { nowMs, workerId, leaseMs, maxAttempts, maxRunningMs }: ReapRequest,
): {
  requeued: JobRow[];
  exhausted: ClaimedJob[];
} {
  const expired = and(
    eq(jobs.state, 'leased'),
    or(sql`${jobs.leaseUntil} <= ${nowMs}`, sql`${jobs.progressAt} <= ${nowMs - maxRunningMs}`),
  );
  const exhausted = orm
    .update(jobs)
    .set({
      token: sql`${jobs.token} + 1`,
      workerId,
      leaseUntil: nowMs + leaseMs,
      heartbeatAt: nowMs,
      progressAt: nowMs,
    })
    .where(and(expired, sql`${jobs.attempts} >= ${maxAttempts}`, sql`${jobs.taskId} IS NOT NULL`))
    .returning()
    .all();
  const requeued = orm
    .update(jobs)
    .set({ ...BACK_IN_LINE, token: sql`${jobs.token} + 1` })
    .where(expired)
    .returning()
    .all();
  return { requeued: requeued.map(withoutSortKey), exhausted: exhausted.map(withoutSortKey) as ClaimedJob[] };
}
