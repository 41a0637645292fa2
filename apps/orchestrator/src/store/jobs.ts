/** Jobs: heartbeats, ends, and what the reaper takes away. Claims are in claim.ts, starts in transition.ts. */
import { and, eq, or, sql } from 'drizzle-orm';
import { jobs } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import { claims } from './claim.ts';
import { JOB, type JobRows, PRIORITY_MS, UNDER_TOKEN } from './job-rows.ts';
import { givenLimit, memoizeByNames, opaque } from './placeholders.ts';
import type { ClaimedJob, Job, JobStore, JobToken } from './port.ts';
import { prepareSelect, prepareUpdate } from './prepared-queries.ts';

const LIST_LIMIT = 1000;
const FILTERS = ['taskId', 'repoId'] as const;
const LIVE = sql`${jobs.state} IN ('ready', 'leased')`;

export function jobStore(connection: Connection, rows: JobRows): SyncPort<JobStore> {
  const { orm, write } = connection;
  const beating = orm.update(jobs).set({
    heartbeatAt: sql`${sql.placeholder('atMs')}`,
    leaseUntil: sql`${sql.placeholder('until')}`,
    progressAt: sql`iif(${sql.placeholder('inLine')}, ${sql.placeholder('atMs')}, ${jobs.progressAt})`,
  });
  const beat = prepareUpdate(connection, beating.where(UNDER_TOKEN));
  const givingBack = orm.update(jobs).set({
    ...BACK_IN_LINE,
    attempts: sql`${jobs.attempts} - 1`,
    availableAt: sql`${sql.placeholder('availableAt')}`,
    sortKey: sql`${sql.placeholder('availableAt')} - ${jobs.priority} * ${PRIORITY_MS}`,
  });
  const giveBack = prepareUpdate(connection, givingBack.where(UNDER_TOKEN));
  const listing = memoizeByNames((names) => {
    const asked = FILTERS.filter((name) => names.includes(name)).map((name) => eq(jobs[name], opaque(name)));
    const found = and(...asked, names.includes('live') ? LIVE : undefined);
    return prepareSelect(connection, JOB, orm.select(JOB).from(jobs).where(found).orderBy(jobs.id).limit(givenLimit));
  });
  const reap = reaper(connection);
  return {
    claimJob: claims(connection),
    heartbeat: (job, { atMs, leaseMs, inLine = false }) => {
      const times = { atMs, until: atMs + leaseMs, inLine: inLine ? 1 : 0 };
      return beat({ ...tokenOf(job), ...times }) === 1 ? 'kept' : 'lost';
    },
    finishJob: (job, end) => (rows.end(job, end) ? 'finished' : 'fenced'),
    releaseJob: (job, { atMs, delayMs }) =>
      giveBack({ ...tokenOf(job), availableAt: atMs + delayMs }) === 1 ? 'released' : 'fenced',
    addProbe: (probe) => write(() => rows.addProbe(probe)),
    reapExpired: (request) => reap(request),
    getJob: (id) => rows.byId(id) ?? null,
    listJobs: ({ limit = LIST_LIMIT, live, ...filter } = {}) => {
      const asked: string[] = FILTERS.filter((name) => filter[name] !== undefined);
      return listing(live === true ? [...asked, 'live'] : asked).all({ ...filter, limit });
    },
  };
}

/** Only what a statement binds: a caller may hand in a whole job row. */
const tokenOf = ({ jobId, token }: JobToken): JobToken => ({ jobId, token });

const BACK_IN_LINE = { state: 'ready', workerId: null, leaseUntil: null, heartbeatAt: null, progressAt: null } as const;

type ReapRequest = Parameters<JobStore['reapExpired']>[0];

/** Expired work goes back to the line; work out of attempts goes to the reaper itself, to be answered for. */
function reaper(connection: Connection): (request: ReapRequest) => { requeued: Job[]; exhausted: ClaimedJob[] } {
  const { orm, sqlite, write } = connection;
  const now = sql`${sql.placeholder('nowMs')}`;
  const expired = and(
    eq(jobs.state, 'leased').inlineParams(),
    or(sql`${jobs.leaseUntil} <= ${now}`, sql`${jobs.progressAt} <= ${sql.placeholder('stalledSince')}`),
  );
  const exhausting = orm
    .update(jobs)
    .set({
      token: sql`${jobs.token} + 1`,
      workerId: sql`${sql.placeholder('workerId')}`,
      leaseUntil: sql`${sql.placeholder('until')}`,
      heartbeatAt: now,
      progressAt: now,
    })
    .where(and(expired, sql`${jobs.attempts} >= ${sql.placeholder('maxAttempts')}`, sql`${jobs.taskId} IS NOT NULL`))
    .returning(JOB);
  const exhaust = prepareSelect(connection, JOB, exhausting);
  const requeueing = orm
    .update(jobs)
    .set({ ...BACK_IN_LINE, token: sql`${jobs.token} + 1` })
    .where(expired)
    .returning(JOB);
  const requeue = prepareSelect(connection, JOB, requeueing);
  const anyExpired = sqlite.prepare(
    `SELECT 1 FROM jobs WHERE state = 'leased' AND (lease_until <= ? OR progress_at <= ?) LIMIT 1`,
  );
  return ({ nowMs, workerId, leaseMs, maxAttempts, maxRunningMs }) => {
    const times = { nowMs, stalledSince: nowMs - maxRunningMs };
    if (anyExpired.get(nowMs, times.stalledSince) === undefined) return { requeued: [], exhausted: [] };
    return write(() => {
      const exhausted = exhaust.all({ ...times, workerId, until: nowMs + leaseMs, maxAttempts });
      const requeued = requeue.all(times);
      return { requeued, exhausted: exhausted as ClaimedJob[] };
    });
  };
}
