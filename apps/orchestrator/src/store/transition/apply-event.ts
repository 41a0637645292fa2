/**
 * One event, one transaction: fence the job, ask the reducer, write the state, the event row and the facts, then carry
 * out the effects. Nothing here decides what comes next in a task's life; that is the stage engine's.
 */

import { type Decision, type EngineEffect, isTerminal, type StopAnswer, timerDueMs } from '@gatehouse/stage-engine';
import type { Connection } from '../adapters/connection.ts';
import type { EventLog } from '../event-log.ts';
import type { EvidenceRows } from '../gate-runs.ts';
import type { JobRows } from '../job-rows.ts';
import type { MergeQueue } from '../merge-queue.ts';
import type { OutboxRows } from '../outbox.ts';
import type { ApplyOutcome, ApplyRequest, Engine, GateRun, Job, Task } from '../port.ts';
import { probeStep } from '../probe-step.ts';
import type { TaskChange, TaskRows } from '../task-rows.ts';

/** Runs main's tests: whoever waits for a main that is red waits for this one job. */
const MAIN_PROBE = probeStep('test');

export interface TransitionParts {
  readonly tasks: TaskRows;
  readonly jobs: JobRows;
  readonly log: EventLog;
  readonly line: MergeQueue;
  readonly evidence: EvidenceRows;
  readonly outbox: OutboxRows;
}

export interface Transitions {
  readonly apply: (request: ApplyRequest) => ApplyOutcome;
  /** Wakes the head of a free lease; with an engine its task gets `woken` at once. Answers the tasks woken. */
  readonly wake: (repoId: string, atMs: number, engine?: Engine) => string[];
}

type Effects = ReturnType<Engine['decide']>['effects'];

interface Step {
  readonly request: ApplyRequest;
  readonly effects: Effects;
  /** The row as the reducer left it. */
  readonly task: Task;
}

export function transitions(connection: Connection, parts: TransitionParts): Transitions {
  const wake = (repoId: string, atMs: number, engine?: Engine): string[] => {
    const taskId = parts.line.notifyHead(repoId, atMs);
    if (taskId === null) return [];
    if (engine !== undefined)
      apply({ taskId, event: { kind: 'woken', why: 'lease-free', atMs }, engine, actor: 'line' });
    return [taskId];
  };
  const apply = (request: ApplyRequest): ApplyOutcome => connection.write(() => applyInside(parts, request, wake));
  return { apply, wake };
}

function applyInside(parts: TransitionParts, request: ApplyRequest, wake: Transitions['wake']): ApplyOutcome {
  const { taskId, event, engine, job } = request;
  const atMs = event.atMs;
  const before = parts.tasks.byId(taskId);
  if (before === undefined) return { kind: 'unknown-task' };
  if (!isStillAt(before, request)) return { kind: 'ignored', task: before };
  if (job !== undefined && !parts.jobs.end(job, { state: 'done', atMs, taskId })) return { kind: 'fenced' };

  const decided = engine.decide(before.state, event, engine.config);
  const facts = writeEvidence(parts, request);
  if (decided.ignored === true) return { kind: 'ignored', task: parts.tasks.patch(before, facts), ...stopOf(decided) };

  const task = parts.tasks.change(before, atMs, { ...facts, ...rowChange(decided.state, request) });
  const seq = parts.log.append({
    repoId: task.repoId,
    taskId,
    kind: event.kind,
    body: event,
    actor: actorOf(request),
    at: atMs,
  });
  const step: Step = { request, effects: decided.effects, task };
  const superseded = supersede(parts, step);
  const started = startJobs(parts, step);
  enqueueEffects(parts, step);
  const woken = updateQueue(parts, step) ? wake(task.repoId, atMs, engine) : [];
  return {
    kind: 'applied',
    task: woken.includes(taskId) ? (parts.tasks.byId(taskId) ?? task) : task,
    seq,
    started,
    superseded,
    woken,
    ...stopOf(decided),
  };
}

const isStillAt = ({ headSha, version }: Task, { onlyAtHead, onlyAtVersion }: ApplyRequest): boolean =>
  (onlyAtHead === undefined || headSha === onlyAtHead) && (onlyAtVersion === undefined || version === onlyAtVersion);

/** Whoever wants to read what a job printed finds its number here once it has left the queue. */
function actorOf({ actor, job }: ApplyRequest): string {
  if (job === undefined) return actor ?? 'service';
  return actor === undefined ? `job ${job.jobId}` : `${actor} job ${job.jobId}`;
}

const stopOf = ({ stop }: Decision): { stop?: StopAnswer } => (stop === undefined ? {} : { stop });

function rowChange(state: Task['state'], { event, writes }: ApplyRequest): TaskChange {
  return {
    state,
    stage: state.stage,
    status: state.status,
    timerDueAt: timerDueMs(state),
    // Whoever comes back from a person queues up behind those who went on meanwhile.
    ...(state.status === 'blocked' ? { startedAt: null } : {}),
    ...(event.kind === 'stop-requested' ? { cancelRequestedAt: event.atMs } : {}),
    ...(writes?.leaveCritical === true || isTerminal(state.stage) ? { criticalToken: null } : {}),
  };
}

/** Answers the facts that belong into the task's own row. */
function writeEvidence(
  { evidence, outbox }: TransitionParts,
  { taskId, event, job, writes }: ApplyRequest,
): TaskChange {
  if (writes === undefined) return {};
  const by = { taskId, jobId: job?.jobId ?? null };
  for (const run of writes.gateRuns ?? []) evidence.gateRun({ ...run, ...by });
  for (const artefact of writes.artefacts ?? [])
    evidence.artefact({ ...artefact, ...by, jobToken: job?.token ?? null });
  for (const mail of writes.outbox ?? []) outbox.add({ ...mail, taskId, atMs: event.atMs });
  return { ...writes.task, ...(writes.leaveCritical === true ? { criticalToken: null } : {}) };
}

/** A new job of a task replaces what was live of it, on this stage or an earlier one; a resting task has none. */
function supersede({ jobs }: TransitionParts, { request, effects, task }: Step): Job[] {
  const ends = effects.some(({ kind }) => kind === 'cancel-jobs' || kind === 'start-job');
  const gone = jobs.liveOf(task.id).filter((job) => ends || isInactive(task) || job.stage !== task.stage);
  jobs.cancel(
    gone.map((job) => job.id),
    request.event.atMs,
  );
  return gone;
}

function startJobs({ jobs }: TransitionParts, { request, effects, task }: Step): Job[] {
  const started: Job[] = [];
  for (const effect of effects) {
    if (effect.kind === 'probe-main')
      jobs.addProbe({ repoId: task.repoId, step: MAIN_PROBE, delayMs: 0, atMs: request.event.atMs });
    if (effect.kind !== 'start-job') continue;
    started.push(
      jobs.insert({
        repoId: task.repoId,
        taskId: task.id,
        kind: effect.job,
        stage: task.stage,
        step: effect.step,
        payload: payloadOf(effect),
        priority: task.priority,
        availableAt: request.event.atMs + effect.delayMs,
        createdAt: request.event.atMs,
      }),
    );
  }
  return started;
}

function payloadOf({ brief, override }: Extract<EngineEffect, { kind: 'start-job' }>): Job['payload'] {
  return { ...(brief === undefined ? {} : { brief }), ...(override === undefined ? {} : { override }) };
}

/** What people and forges are told, and what goes on record. An alert is told once per key within its scope. */
function enqueueEffects({ outbox, evidence }: TransitionParts, { request, effects, task }: Step): void {
  const atMs = request.event.atMs;
  effects.forEach((effect, index) => {
    if (effect.kind === 'record-skip') evidence.gateRun(skipped(task, effect, atMs));
    const key = mailKey(effect, task, index);
    if (key !== null) outbox.add({ kind: effect.kind, dedupeKey: key, payload: effect, taskId: task.id, atMs });
  });
}

function mailKey(effect: EngineEffect, task: Task, index: number): string | null {
  if (effect.kind === 'alert')
    return effect.scope === 'repository'
      ? `alert:repository:${task.repoId}:${effect.key}`
      : `alert:task:${task.id}:${effect.key}`;
  if (effect.kind === 'report' || effect.kind === 'clean-up')
    return `${effect.kind}:${task.id}:${task.version}:${index}`;
  return null;
}

function skipped(
  task: Task,
  { check, reason }: Extract<EngineEffect, { kind: 'record-skip' }>,
  atMs: number,
): Omit<GateRun, 'id'> {
  return {
    taskId: task.id,
    jobId: null,
    check,
    baseSha: task.baseSha,
    headSha: task.headSha,
    testedSha: null,
    tree: null,
    status: 'skip',
    cause: null,
    reason,
    findings: [],
    warnings: [],
    artefact: null,
    durationMs: 0,
    gateDigest: null,
    createdAt: atMs,
  };
}

/**
 * Lease and ticket as the effects say; a resting task keeps neither, a woken one keeps its place until it acquires.
 * True: somebody else may be first in line now, or the lease is free.
 */
function updateQueue({ line }: TransitionParts, { request, effects, task }: Step): boolean {
  const { repoId, id } = task;
  const { atMs } = request.event;
  const said = new Set(effects.map(({ kind }) => kind));
  const lets = !isUnverifiedInside(task) && (isInactive(task) || said.has('release-lease'));
  const held = lets ? line.heldBy(repoId, id) : undefined;
  const isReleased = held !== undefined && line.release(repoId, held.token, atMs);
  if (task.status === 'waiting' && task.state.waiting?.cause === 'lock-busy') {
    line.join(repoId, id, atMs);
    return true;
  }
  const leaves = isInactive(task) || task.status === 'waiting' || said.has('drop-ticket');
  return (leaves && line.leave(id)) || isReleased;
}

/** Inside the critical window and not known to have landed: the right to move main stays where it is. */
export function isUnverifiedInside({ criticalToken, state }: Task): boolean {
  return criticalToken !== null && !state.landed;
}

/** Nothing of the task may run, land or wait in line. */
function isInactive({ status, stage }: Task): boolean {
  return status === 'blocked' || status === 'stopping' || isTerminal(stage);
}
