/**
 * STOP against landing. Both sides go through one row of `tasks`: `enterCritical` sets `critical_token` only while no
 * stop is recorded, `requestStop` fences the jobs only while no token is set. The side that commits first owns the task.
 */
import { tombstoneKey } from '@gatehouse/cancel';
import { invariant } from '@gatehouse/verdict';
import type { EventLog } from './event-log.ts';
import type { JobRows } from './job-rows.ts';
import type { OutboxRows } from './outbox.ts';
import type { EnterOutcome, JobToken, SettlingOutcome, StopOutcome, StopStore, Task } from './port/index.ts';
import type { Driver, Operation, Operations } from './sql/driver.ts';
import { cellsNamed, FOUND, NO_ROW } from './sql/row-shape.ts';
import { TASK, type TaskRows, UNSETTLED_TASK } from './task-rows.ts';
import type { Transitions } from './transition/apply-event.ts';

interface StopParts {
  readonly rows: TaskRows;
  readonly jobs: JobRows;
  readonly log: EventLog;
  readonly moves: Transitions;
  readonly outbox: OutboxRows;
}

const IS_MINE = `EXISTS (SELECT 1 FROM jobs j
      WHERE j.id = :jobId AND j.token = :token AND j.state = 'leased' AND j.task_id = tasks.id)`;
/**
 * The newest green of the merge check is about the commit that lands, and what it rests on is on record: a green run of
 * the test command, or a stand-in that the trusted definition declares. Only the merge check's greens have a basis.
 */
const IS_TESTED = `EXISTS (SELECT 1 FROM gate_runs g LEFT JOIN command_runs c ON c.id = g.basis_run
      WHERE g.id = (SELECT max(id) FROM gate_runs WHERE task_id = tasks.id AND basis IS NOT NULL)
      AND g.status = 'pass' AND g.tested_sha = tasks.tested_sha
      AND (g.basis IN ('declared-ci', 'path-rule')
        OR (g.basis = 'test-run' AND c.commit_sha = g.tested_sha AND c.outcome = 'green')
        OR (g.basis = 'quarantined-run' AND c.commit_sha = g.tested_sha)
        OR (g.basis = 'earlier-run' AND c.outcome = 'green')))`;
const ENTER = `UPDATE tasks SET critical_token = :leaseToken, critical_commit = tested_sha, version = version + 1, updated_at = :atMs
  WHERE id = :taskId AND version = :version AND cancel_requested_at IS NULL AND critical_token IS NULL
    AND ${IS_MINE}
    AND EXISTS (SELECT 1 FROM leases l WHERE l.repo_id = tasks.repo_id AND l.holder = tasks.id
      AND l.token = :leaseToken AND l.released_at IS NULL)
    AND ${IS_TESTED}`;
/** What was blocked inside and tested anew goes on with another commit. */
const GO_ON = `UPDATE tasks SET critical_commit = tested_sha
  WHERE id = :taskId AND version = :version AND critical_token IS NOT NULL AND ${IS_MINE}
    AND ${IS_TESTED}`;
const LEAVE = `UPDATE tasks SET critical_token = NULL, version = version + 1, updated_at = :atMs
  WHERE id = :taskId AND critical_token = :criticalToken`;
const UNSETTLED = `SELECT ${TASK.list} FROM tasks
  WHERE ${UNSETTLED_TASK} AND (stage = 'cancelled' OR status = 'stopping') ORDER BY updated_at`;

export function stopStore(driver: Driver, parts: StopParts): Operations<StopStore> {
  const { row, rows, change, write } = driver;
  const tested = row(FOUND, `SELECT 1 AS found FROM tasks WHERE id = :taskId AND ${IS_TESTED}`);
  const enter = change(NO_ROW, ENTER);
  const goOn = change(NO_ROW, GO_ON);
  const leave = change(NO_ROW, LEAVE);
  const unsettled = rows(TASK, UNSETTLED);
  const settle = settling(driver, parts);
  return {
    enterCritical: (request) =>
      write(function* enterOrTell() {
        const { taskId, version, job, leaseToken, atMs } = request;
        const own = { taskId, version, jobId: job.jobId, token: job.token };
        if ((yield* enter({ ...own, leaseToken, atMs })) === 1) return { kind: 'entered', criticalToken: leaseToken };
        yield* goOn(own);
        return yield* whyNot(parts, request, (yield* tested({ taskId })) !== undefined);
      }),
    *leaveCritical({ taskId, criticalToken, atMs }) {
      return (yield* leave({ taskId, criticalToken, atMs })) === 1;
    },
    requestStop: (request) => write(() => requestStop(parts, request)),
    unsettledStops: () => unsettled({}),
    beginSettling: (request) => write(() => settle(request)),
    tombstone: (request) => write(() => tombstone(parts, request)),
  };
}

type EnterRequest = Parameters<StopStore['enterCritical']>[0];

/** Read in the same transaction as the update that found nothing, so the answer is the reason. */
function* whyNot({ rows, jobs }: StopParts, request: EnterRequest, isTested: boolean): Operation<EnterOutcome> {
  const task = yield* rows.byId(request.taskId);
  const job = yield* jobs.byId(request.job.jobId);
  const isMine = job?.token === request.job.token && job.state === 'leased' && job.taskId === request.taskId;
  if (task === undefined) return { kind: 'fenced' };
  if (task.cancelRequestedAt !== null && task.criticalToken === null) return { kind: 'stop-requested' };
  if (!isMine) return { kind: 'fenced' };
  const isAnother = task.criticalCommit !== null && task.criticalCommit !== task.testedSha;
  if (task.criticalToken !== null && isAnother && !isTested) return { kind: 'untested' };
  if (task.criticalToken !== null) return { kind: 'already-inside', criticalToken: task.criticalToken };
  if (task.version !== request.version) return { kind: 'fenced' };
  return isTested ? { kind: 'lease-lost' } : { kind: 'untested' };
}

type StopTaskRequest = Parameters<StopStore['requestStop']>[0];

/** Reads the task's progress in the transaction that records the stop: the engine answers for exactly that moment. */
function* requestStop({ rows, jobs, moves }: StopParts, request: StopTaskRequest): Operation<StopOutcome> {
  const { taskId, reason, actor, atMs, engine } = request;
  const task = yield* rows.byId(taskId);
  if (task === undefined) return { kind: 'unknown-task' };
  const isRunning = (yield* jobs.liveOf(taskId)).some((job) => job.state === 'leased');
  const phase = task.criticalToken !== null ? 'critical' : isRunning ? 'running' : 'idle';
  const applied = yield* moves.apply({
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
/** Taking a claim away leaves its worker's name and moves its token on by one. */
const TAKEN_AWAY = `state = 'cancelled' AND worker_id IS NOT NULL AND finished_at >= :sinceMs`;

type BeginSettlingRequest = Parameters<StopStore['beginSettling']>[0];

function settling(
  { dialect, row, rows }: Driver,
  { rows: tasks, log }: StopParts,
): (request: BeginSettlingRequest) => Operation<SettlingOutcome> {
  const ofTask = `task_id = ${dialect.opaque(':taskId')}`;
  const begun = row(
    cellsNamed<{ count: number }>('count'),
    `SELECT count(*) AS count FROM events WHERE ${ofTask} AND kind = '${SETTLING}'`,
  );
  const takenAway = rows(
    cellsNamed<JobToken>('jobId', 'token'),
    `SELECT id AS "jobId", token - 1 AS token FROM jobs WHERE ${ofTask} AND ${TAKEN_AWAY}`,
  );
  return function* begin({ taskId, actor, atMs }) {
    const task = yield* tasks.byId(taskId);
    if (task === undefined) return { kind: 'unknown-task' };
    if (task.cancelledAt !== null) return { kind: 'released' };
    const sinceMs = task.cancelRequestedAt;
    if (task.stage !== 'cancelled' && task.status !== 'stopping') return { kind: 'not-due', reason: whyNotDue(task) };
    const attempt = ((yield* begun({ taskId }))?.count ?? 0) + 1;
    yield* log.append({ repoId: task.repoId, taskId, kind: SETTLING, body: { attempt }, actor, at: atMs });
    return { kind: 'begun', task, attempt, stopped: sinceMs === null ? [] : yield* takenAway({ taskId, sinceMs }) };
  };
}

function whyNotDue({ stage, cancelRequestedAt }: Task): string {
  if (stage === 'done') return 'the task is done';
  return cancelRequestedAt === null ? 'no stop is on record' : 'landing has not answered yet';
}

type TombstoneRequest = Parameters<StopStore['tombstone']>[0];
type Tombstoned = ReturnType<Operations<StopStore>['tombstone']>;

function* tombstone({ rows, log, outbox }: StopParts, request: TombstoneRequest): Tombstoned {
  const { taskId, note, left = [], actor, atMs, trackerUpdatedAt } = request;
  const task = yield* rows.byId(taskId);
  if (task === undefined) return { kind: 'refused', reason: 'there is no such task' };
  if (task.stage !== 'cancelled') return { kind: 'refused', reason: `the task is on ${task.stage}, not cancelled` };
  if (task.cancelledAt !== null) return { kind: 'released', task };
  const after = yield* rows.change(task, atMs, {
    ...tombstonedKeys(task),
    cancelledAt: atMs,
    ...(trackerUpdatedAt === undefined ? {} : { trackerUpdatedAt }),
  });
  yield* log.append({ repoId: task.repoId, taskId, kind: 'tombstoned', body: { note, left }, actor, at: atMs });
  if (left.length > 0) {
    const alert = { kind: 'alert', key: 'left-behind', scope: 'task', text: note };
    yield* outbox.add({ kind: 'alert', dedupeKey: `alert:task:${taskId}:left-behind`, payload: alert, taskId, atMs });
  }
  return { kind: 'released', task: after };
}

function tombstonedKeys({ id, branch, key, planeIssueId }: Task): Pick<Task, 'branch' | 'key' | 'planeIssueId'> {
  return {
    branch: tombstoneKey(branch, id),
    key: tombstoneKey(key, id),
    planeIssueId: planeIssueId === null ? null : tombstoneKey(planeIssueId, id),
  };
}
