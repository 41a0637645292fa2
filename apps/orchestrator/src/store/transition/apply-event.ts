/**
 * One event, one transaction: fence the job, ask the reducer, write the state, the event row and the facts, then carry
 * out the effects. Nothing here decides what comes next in a task's life; that is the stage engine's.
 */
import { type Decision, type EngineEvent, isTerminal, type StopAnswer, timerDueMs } from '@gatehouse/stage-engine';
import { isWindowOpen } from '../candidate.ts';
import type { Dependents } from '../dependents.ts';
import type { EventLog } from '../event-log.ts';
import type { Holds } from '../holds.ts';
import type { ApplyOutcome, ApplyRequest, Engine, Task } from '../port/index.ts';
import type { Driver, Operation } from '../sql/driver.ts';
import type { TaskChange, TaskRows } from '../task-rows.ts';
import { type EffectParts, enqueueEffects, startJobs, supersede, type Transition } from './effects.ts';
import { type FactParts, writeFacts } from './facts.ts';
import { type QueueParts, updateQueue } from './queue.ts';

export interface TransitionParts extends EffectParts, FactParts, QueueParts {
  readonly tasks: TaskRows;
  readonly log: EventLog;
  readonly dependents: Dependents;
  readonly notes: Holds;
}

export interface Transitions {
  readonly apply: (request: ApplyRequest) => Operation<ApplyOutcome>;
  /** Wakes the head of a free lease; with an engine its task gets `woken` at once. Answers the tasks woken. */
  readonly wake: (repoId: string, atMs: number, engine?: Engine) => Operation<string[]>;
}

export function transitions({ write }: Driver, parts: TransitionParts): Transitions {
  function* wake(repoId: string, atMs: number, engine?: Engine): Operation<string[]> {
    const taskId = yield* parts.queue.notifyHead(repoId, atMs);
    if (taskId === null) return [];
    if (engine !== undefined)
      yield* apply({ taskId, event: { kind: 'woken', why: 'lease-free', atMs }, engine, actor: 'line' });
    return [taskId];
  }
  const apply = (request: ApplyRequest): Operation<ApplyOutcome> => write(() => applyInside(parts, request, wake));
  return { apply, wake };
}

function* applyInside(parts: TransitionParts, asked: ApplyRequest, wake: Transitions['wake']): Operation<ApplyOutcome> {
  const { taskId, engine, job } = asked;
  const before = yield* parts.tasks.byId(taskId);
  if (before === undefined) return { kind: 'unknown-task' };
  const request = { ...asked, event: asSeen(before, asked) };
  const { event } = request;
  if (!isStillAt(before, request)) return { kind: 'ignored', task: before };
  const isFenced = job !== undefined && !(yield* parts.jobs.end(job, { state: 'done', atMs: event.atMs, taskId }));
  if (isFenced) return { kind: 'fenced' };

  const decided = engine.decide(before.state, event, engine.config);
  const facts = yield* writeFacts(parts, request);
  if (decided.ignored === true)
    return { kind: 'ignored', task: yield* parts.tasks.patch(before, facts), ...stopOf(decided) };

  const task = yield* parts.tasks.change(before, event.atMs, { ...facts, ...rowChange(decided.state, request) });
  const seq = yield* appendEvent(parts, task, request);
  if (task.stage === 'cancelled' && before.stage !== 'cancelled')
    yield* parts.dependents.tellCancelled({ id: taskId, actor: actorOf(request), atMs: event.atMs });
  const transition: Transition = { request, effects: decided.effects, task };
  const superseded = yield* supersede(parts, transition);
  const started = yield* startJobs(parts, transition);
  yield* enqueueEffects(parts, transition);
  yield* parts.notes.liftTask({ id: taskId, isOver: isTerminal(task.stage) });
  yield* parts.notes.liftRepo(task.repoId);
  const woken = (yield* updateQueue(parts, transition)) ? yield* wake(task.repoId, event.atMs, engine) : [];
  const after = woken.includes(taskId) ? ((yield* parts.tasks.byId(taskId)) ?? task) : task;
  return { kind: 'applied', task: after, seq, started, superseded, woken, ...stopOf(decided) };
}

/** The engine hears of an open window from whoever reads the row: no caller can forget it, and none can say it too late. */
function asSeen(task: Task, { event, writes }: ApplyRequest): EngineEvent {
  if (!isWindowOpen(task) || writes?.leaveCritical === true) return event;
  switch (event.kind) {
    case 'landing-answered':
    case 'retried':
    case 'overridden':
      return { ...event, inside: true };
    default:
      return event;
  }
}

const isStillAt = ({ headSha, version }: Task, { onlyAtHead, onlyAtVersion }: ApplyRequest): boolean =>
  (onlyAtHead === undefined || headSha === onlyAtHead) && (onlyAtVersion === undefined || version === onlyAtVersion);

const stopOf = ({ stop }: Decision): { stop?: StopAnswer } => (stop === undefined ? {} : { stop });

function rowChange(state: Task['state'], { event, writes }: ApplyRequest): TaskChange {
  return {
    state,
    stage: state.stage,
    status: state.status,
    timerDueAt: timerDueMs(state),
    // A task that comes back from a person queues up behind those that went on meanwhile.
    ...(state.status === 'blocked' ? { startedAt: null } : {}),
    ...(event.kind === 'stop-requested' ? { cancelRequestedAt: event.atMs } : {}),
    ...(writes?.leaveCritical === true || isTerminal(state.stage) ? { criticalToken: null } : {}),
  };
}

function appendEvent({ log }: TransitionParts, { id, repoId }: Task, request: ApplyRequest): Operation<number> {
  const { kind, atMs } = request.event;
  const reason = kind === 'stop-requested' ? request.writes?.task?.cancelReason : undefined;
  const body = { ...request.event, ...(typeof reason === 'string' ? { reason } : {}) };
  return log.append({ repoId, taskId: id, kind, body, actor: actorOf(request), at: atMs });
}

/** The number of a job that has left the queue, for a caller that reads what the job printed. */
function actorOf({ actor, job }: ApplyRequest): string {
  if (job === undefined) return actor ?? 'service';
  return actor === undefined ? `job ${job.jobId}` : `${actor} job ${job.jobId}`;
}
