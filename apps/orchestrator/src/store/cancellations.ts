/**
 * STOP against landing. Both sides go through one row of `tasks`: `enterCritical` sets `critical_token` only while no
 * stop is recorded, `requestStop` fences the jobs only while no token is set. Whoever commits first owns the task.
 */
import { tombstoneKey } from '@gatehouse/cancel';
import { invariant } from '@gatehouse/verdict';
import { and, eq, sql } from 'drizzle-orm';
import { events, jobs, tasks } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import type { EventLog } from './event-log.ts';
import type { JobRows } from './job-rows.ts';
import type { OutboxRows } from './outbox.ts';
import { opaque } from './placeholders.ts';
import type { EnterOutcome, SettlingOutcome, StopOutcome, StopStore, Task } from './port.ts';
import { prepareSelect } from './prepared-queries.ts';
import { type TaskRows, UNSETTLED } from './task-rows.ts';
import type { Transitions } from './transition/apply-event.ts';

/** Set between a key and the id of the task that was stopped, so that the key is free for the next generation. */
export const STOPPED_SUFFIX = tombstoneKey('', '');

interface StopParts {
  readonly rows: TaskRows;
  readonly jobs: JobRows;
  readonly log: EventLog;
  readonly moves: Transitions;
  readonly outbox: OutboxRows;
}

const ENTER = `UPDATE tasks SET critical_token = :leaseToken, version = version + 1, updated_at = :atMs
  WHERE id = :taskId AND version = :version AND cancel_requested_at IS NULL AND critical_token IS NULL
    AND EXISTS (SELECT 1 FROM jobs j WHERE j.id = :jobId AND j.token = :token AND j.state = 'leased' AND j.task_id = tasks.id)
    AND EXISTS (SELECT 1 FROM leases l WHERE l.repo_id = tasks.repo_id AND l.holder = tasks.id
      AND l.token = :leaseToken AND l.released_at IS NULL)`;
const LEAVE = `UPDATE tasks SET critical_token = NULL, version = version + 1, updated_at = :atMs
  WHERE id = :taskId AND critical_token = :criticalToken`;

export function stopStore(connection: Connection, parts: StopParts): SyncPort<StopStore> {
  const { orm, sqlite, write } = connection;
  const enter = sqlite.prepare(ENTER);
  const leave = sqlite.prepare(LEAVE);
  const beginSettling = settlings(connection, parts);
  const isStopped = and(UNSETTLED, sql`(${tasks.stage} = 'cancelled' OR ${tasks.status} = 'stopping')`);
  const unsettled = prepareSelect(
    connection,
    tasks,
    orm.select().from(tasks).where(isStopped).orderBy(tasks.updatedAt),
  );
  return {
    enterCritical: (request) =>
      write(() => {
        const { taskId, version, job, leaseToken, atMs } = request;
        const entered = enter.run({ taskId, version, leaseToken, atMs, jobId: job.jobId, token: job.token });
        return entered.changes === 1 ? { kind: 'entered', criticalToken: leaseToken } : whyNot(parts, request);
      }),
    leaveCritical: (request) => leave.run(request).changes === 1,
    requestStop: (request) => write(() => requestStop(parts, request)),
    unsettledStops: () => unsettled.all({}),
    beginSettling: (request) => write(() => beginSettling(request)),
    tombstone: (request) => write(() => tombstone(parts, request)),
  };
}

/** Read in the same transaction as the update that found nothing, so the answer is the reason. */
function whyNot({ rows, jobs }: StopParts, request: Parameters<StopStore['enterCritical']>[0]): EnterOutcome {
  const task = rows.byId(request.taskId);
  const job = jobs.byId(request.job.jobId);
  const isMine = job?.token === request.job.token && job.state === 'leased' && job.taskId === request.taskId;
  if (task === undefined) return { kind: 'fenced' };
  if (task.cancelRequestedAt !== null && task.criticalToken === null) return { kind: 'stop-requested' };
  if (!isMine) return { kind: 'fenced' };
  if (task.criticalToken !== null) return { kind: 'already-inside', criticalToken: task.criticalToken };
  if (task.version !== request.version) return { kind: 'fenced' };
  return { kind: 'lease-lost' };
}

type StopRequest = Parameters<StopStore['requestStop']>[0];

/** How far the run is, is read in the transaction that records the stop: the engine answers for exactly that moment. */
function requestStop({ rows, jobs, moves }: StopParts, request: StopRequest): StopOutcome {
  const { taskId, reason, actor, atMs, engine } = request;
  const task = rows.byId(taskId);
  if (task === undefined) return { kind: 'unknown-task' };
  const isRunning = jobs.liveOf(taskId).some((job) => job.state === 'leased');
  const phase = task.criticalToken !== null ? 'critical' : isRunning ? 'running' : 'idle';
  const applied = moves.apply({
    taskId,
    event: { kind: 'stop-requested', by: actor, phase, atMs },
    engine,
    actor,
    writes: { task: task.cancelRequestedAt === null ? { cancelReason: reason } : {} },
  });
  invariant(applied.kind === 'applied' || applied.kind === 'ignored', 'a stop carries no job token');
  invariant(applied.stop !== undefined, 'the engine answers every stop');
  const superseded = applied.kind === 'applied' ? applied.superseded : [];
  return { kind: applied.stop, task: applied.task, stopped: superseded.filter((job) => job.state === 'leased') };
}

const SETTLING = 'settling';

function settlings(
  { orm }: Connection,
  { rows, log }: StopParts,
): (request: Parameters<StopStore['beginSettling']>[0]) => SettlingOutcome {
  const begun = orm
    .select({ count: sql<number>`count(*)` })
    .from(events)
    .where(and(eq(events.taskId, opaque('taskId')), eq(events.kind, SETTLING).inlineParams()))
    .prepare();
  // Taking a claim away leaves its worker's name and moves its token on by one.
  const takenAway = orm
    .select({ jobId: jobs.id, token: sql<number>`${jobs.token} - 1` })
    .from(jobs)
    .where(
      and(
        eq(jobs.taskId, opaque('taskId')),
        eq(jobs.state, 'cancelled').inlineParams(),
        sql`${jobs.workerId} IS NOT NULL`,
        sql`${jobs.finishedAt} >= ${sql.placeholder('sinceMs')}`,
      ),
    )
    .prepare();
  return ({ taskId, actor, atMs }) => {
    const task = rows.byId(taskId);
    if (task === undefined) return { kind: 'unknown-task' };
    if (task.cancelledAt !== null) return { kind: 'buried' };
    const sinceMs = task.cancelRequestedAt;
    if (task.stage !== 'cancelled' && task.status !== 'stopping') {
      const reason = sinceMs === null ? 'no stop is on record' : 'landing has not answered yet';
      return { kind: 'not-due', reason: task.stage === 'done' ? 'the task is done' : reason };
    }
    const attempt = (begun.get({ taskId })?.count ?? 0) + 1;
    log.append({ repoId: task.repoId, taskId, kind: SETTLING, body: { attempt }, actor, at: atMs });
    return { kind: 'begun', task, attempt, stopped: sinceMs === null ? [] : takenAway.all({ taskId, sinceMs }) };
  };
}

type TombstoneRequest = Parameters<StopStore['tombstone']>[0];

function tombstone(
  { rows, log, outbox }: StopParts,
  request: TombstoneRequest,
): ReturnType<SyncPort<StopStore>['tombstone']> {
  const { taskId, note, left = [], actor, atMs, trackerUpdatedAt } = request;
  const task = rows.byId(taskId);
  if (task === undefined) return { kind: 'refused', reason: 'there is no such task' };
  if (task.stage !== 'cancelled') return { kind: 'refused', reason: `the task is on ${task.stage}, not cancelled` };
  if (task.cancelledAt !== null) return { kind: 'buried', task };
  const after = rows.change(task, atMs, {
    ...tombstonedKeys(task),
    cancelledAt: atMs,
    ...(trackerUpdatedAt === undefined ? {} : { trackerUpdatedAt }),
  });
  log.append({ repoId: task.repoId, taskId, kind: 'tombstoned', body: { note, left }, actor, at: atMs });
  if (left.length > 0) {
    const alert = { kind: 'alert', key: 'left-behind', scope: 'task', text: note };
    outbox.add({ kind: 'alert', dedupeKey: `alert:task:${taskId}:left-behind`, payload: alert, taskId, atMs });
  }
  return { kind: 'buried', task: after };
}

function tombstonedKeys({ id, branch, key, planeIssueId }: Task): Pick<Task, 'branch' | 'key' | 'planeIssueId'> {
  return {
    branch: tombstoneKey(branch, id),
    key: tombstoneKey(key, id),
    planeIssueId: planeIssueId === null ? null : tombstoneKey(planeIssueId, id),
  };
}
