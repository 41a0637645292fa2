/** Jobs: heartbeats, ends, and what the reaper takes away. Claims are in claim.ts, starts in transition/. */
import { claims } from './claim.ts';
import type { EventLog } from './event-log.ts';
import type { Holds } from './holds.ts';
import { JOB, type JobRows, LIVE_JOB, PRIORITY_MS, UNDER_TOKEN } from './job-rows.ts';
import type { ClaimedJob, Job, JobStore, JobToken, Reaped } from './port/index.ts';
import { type Driver, memoizeByNames, type Operation, type Operations } from './sql/driver.ts';
import { FOUND } from './sql/row-shape.ts';
import type { TaskRows } from './task-rows.ts';

const LIST_LIMIT = 1000;

const BEAT = `UPDATE jobs SET heartbeat_at = :atMs, lease_until = :until,
    progress_at = CASE WHEN :inLine = 1 THEN :atMs ELSE progress_at END
  WHERE ${UNDER_TOKEN}`;
const READY_AGAIN = `state = 'ready', worker_id = NULL, lease_until = NULL, heartbeat_at = NULL, progress_at = NULL`;
const GIVE_BACK = `UPDATE jobs SET ${READY_AGAIN}, attempts = attempts - 1, available_at = :availableAt,
    sort_key = :availableAt - priority * ${PRIORITY_MS}
  WHERE ${UNDER_TOKEN}`;

const MAKE_DUE = `UPDATE jobs SET available_at = :atMs, sort_key = :atMs - priority * ${PRIORITY_MS}, held_by = NULL
  WHERE task_id = :taskId AND state = 'ready' AND available_at > :atMs`;

/** Columns that a listing may be asked for by, and what it is asked with. */
const FILTERS = { taskId: 'task_id', repoId: 'repo_id' } as const;

interface JobParts {
  readonly jobs: JobRows;
  readonly notes: Holds;
  readonly tasks: Pick<TaskRows, 'byId'>;
  readonly log: EventLog;
}

export function jobStore(driver: Driver, parts: JobParts): Operations<JobStore> {
  const { jobs, notes } = parts;
  const { dialect, change, rows, write } = driver;
  const beat = change(JOB, BEAT);
  const giveBack = change(JOB, GIVE_BACK);
  const listing = memoizeByNames((names) => {
    const asked = Object.entries(FILTERS)
      .filter(([name]) => names.includes(name))
      .map(([name, column]) => `${column} = ${dialect.opaque(`:${name}`)}`);
    if (names.includes('probes')) asked.push('task_id IS NULL');
    const conditions = names.includes('live') ? [...asked, LIVE_JOB] : asked;
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return rows(JOB, `SELECT ${JOB.list} FROM jobs ${where} ORDER BY id LIMIT ${dialect.opaqueLimit(':limit')}`);
  });
  return {
    claimJob: claims(driver, notes),
    *heartbeat(job, { atMs, leaseMs, inLine = false }) {
      const times = { atMs, until: atMs + leaseMs, inLine: inLine ? 1 : 0 };
      return (yield* beat({ ...tokenOf(job), ...times })) === 1 ? 'kept' : 'lost';
    },
    *finishJob(job, end) {
      return (yield* jobs.end(job, end)) ? 'finished' : 'fenced';
    },
    *releaseJob(job, { atMs, delayMs }) {
      return (yield* giveBack({ ...tokenOf(job), availableAt: atMs + delayMs })) === 1 ? 'released' : 'fenced';
    },
    makeDue: dueMaker(driver, parts),
    addProbe: (probe) => write(() => jobs.addProbe(probe)),
    reapExpired: reaper(driver),
    *getJob(id) {
      return (yield* jobs.byId(id)) ?? null;
    },
    listJobs: ({ limit = LIST_LIMIT, live, probes, ...filter } = {}) => {
      const asked = Object.keys(FILTERS).filter((name) => filter[name as keyof typeof FILTERS] !== undefined);
      if (live === true) asked.push('live');
      if (probes === true) asked.push('probes');
      return listing(asked)({ ...filter, limit });
    },
  };
}

function dueMaker({ change, write }: Driver, { tasks, log }: JobParts): Operations<JobStore>['makeDue'] {
  const makeDue = change(JOB, MAKE_DUE);
  return ({ taskId, actor, atMs }) =>
    write(function* make() {
      const task = yield* tasks.byId(taskId);
      if (task === undefined || (yield* makeDue({ taskId, atMs })) === 0) return false;
      yield* log.append({ repoId: task.repoId, taskId, kind: 'made-due', body: {}, actor, at: atMs });
      return true;
    });
}

/** Only what a statement binds: a caller may hand in a whole job row. */
const tokenOf = ({ jobId, token }: JobToken): JobToken => ({ jobId, token });

const EXPIRED = `state = 'leased' AND (lease_until <= :nowMs OR progress_at <= :stalledSince)`;
const ANY_EXPIRED = `SELECT 1 AS found FROM jobs WHERE ${EXPIRED} LIMIT 1`;
const EXHAUST = `UPDATE jobs SET token = token + 1, worker_id = :workerId, lease_until = :until,
    heartbeat_at = :nowMs, progress_at = :nowMs
  WHERE ${EXPIRED} AND attempts >= :maxAttempts AND task_id IS NOT NULL RETURNING ${JOB.list}`;
const REQUEUE = `UPDATE jobs SET ${READY_AGAIN}, token = token + 1 WHERE ${EXPIRED} RETURNING ${JOB.list}`;

type ReapRequest = Parameters<JobStore['reapExpired']>[0];

/** An expired job becomes ready again; one without attempts left goes to the reaper, which fails its task. */
function reaper({ row, rows, write }: Driver): (request: ReapRequest) => Operation<Reaped> {
  const exhaust = rows(JOB, EXHAUST);
  const requeue = rows(JOB, REQUEUE);
  const anyExpired = row(FOUND, ANY_EXPIRED);
  return function* reap({ nowMs, workerId, leaseMs, maxAttempts, maxRunningMs }) {
    const times = { nowMs, stalledSince: nowMs - maxRunningMs };
    if ((yield* anyExpired(times)) === undefined) return { requeued: [], exhausted: [] };
    return yield* write(function* takeBack() {
      const exhausted: Job[] = yield* exhaust({ ...times, workerId, until: nowMs + leaseMs, maxAttempts });
      const requeued = yield* requeue(times);
      return { requeued, exhausted: exhausted as ClaimedJob[] };
    });
  };
}
