/** What the reducer asks for: jobs that start and end, messages to people and forges, checks that are skipped. */
import { CHECKS, type EngineEffect, isCheckName, STAGE_TRANSITIONS } from '@gatehouse/stage-engine';
import type { GateRunRows } from '../gate-runs.ts';
import type { JobRows } from '../job-rows.ts';
import type { OutboxRows } from '../outbox.ts';
import type { ApplyRequest, Engine, GateRun, Job, JobKind, Task } from '../port/index.ts';
import { probeStep } from '../probe-step.ts';
import type { Operation } from '../sql/driver.ts';
import { isInactive } from './queue.ts';

/** One event that was applied. */
export interface Transition {
  readonly request: ApplyRequest;
  readonly effects: ReturnType<Engine['decide']>['effects'];
  /** The row as the reducer left it. */
  readonly task: Task;
}

export interface EffectParts {
  readonly jobs: JobRows;
  readonly gateRuns: GateRunRows;
  readonly outbox: OutboxRows;
}

/** Runs main's tests: every task that waits for a main that is red waits for this one job. */
const MAIN_PROBE = probeStep('test');

/** A new job of a task replaces what was live of it, on this stage or an earlier one; an inactive task has none. */
export function* supersede({ jobs }: EffectParts, { request, effects, task }: Transition): Operation<Job[]> {
  const ends = effects.some(({ kind }) => kind === 'cancel-jobs' || kind === 'start-job');
  const live = yield* jobs.liveOf(task.id);
  const gone = live.filter((job) => ends || isInactive(task) || job.stage !== task.stage);
  for (const { id } of gone) yield* jobs.cancel(id, request.event.atMs);
  return gone;
}

/** Answers the task's new jobs, each ready once its delay is over. */
export function* startJobs({ jobs }: EffectParts, { request, effects, task }: Transition): Operation<Job[]> {
  const { atMs } = request.event;
  const started: Job[] = [];
  for (const effect of effects) {
    if (effect.kind === 'probe-main') yield* jobs.addProbe({ repoId: task.repoId, step: MAIN_PROBE, delayMs: 0, atMs });
    if (effect.kind === 'start-job') started.push(yield* jobs.insert(jobOf(task, effect, atMs)));
  }
  return started;
}

type StartJob = Extract<EngineEffect, { kind: 'start-job' }>;

/** A check that a stage's own report answers runs no command: it waits for no gate's place, and takes none. */
function kindOf({ job, step }: StartJob): JobKind {
  const isReading =
    isCheckName(step) && CHECKS[step].artefact !== null && STAGE_TRANSITIONS[CHECKS[step].stage].checks.includes(step);
  return isReading ? 'reading' : job;
}

function jobOf(task: Task, effect: StartJob, atMs: number): Parameters<JobRows['insert']>[0] {
  const { brief, override } = effect;
  return {
    repoId: task.repoId,
    taskId: task.id,
    kind: kindOf(effect),
    stage: task.stage,
    step: effect.step,
    payload: { ...(brief === undefined ? {} : { brief }), ...(override === undefined ? {} : { override }) },
    priority: task.priority,
    availableAt: atMs + effect.delayMs,
    createdAt: atMs,
  };
}

/** Messages to people and forges, and what goes on record. An alert is sent once per key within its scope. */
export function* enqueueEffects(
  { outbox, gateRuns }: EffectParts,
  { request, effects, task }: Transition,
): Operation<void> {
  const { atMs } = request.event;
  for (const [index, effect] of effects.entries()) {
    if (effect.kind === 'record-skip') yield* gateRuns.add(skipped(task, effect, atMs));
    const key = dedupeKey(effect, task, index);
    if (key !== null) yield* outbox.add({ kind: effect.kind, dedupeKey: key, payload: effect, taskId: task.id, atMs });
    // Its people read it there, too, as things are by then.
    if (effect.kind === 'report' && task.pullRequest !== null)
      yield* outbox.add({ kind: 'tell', dedupeKey: `tell:${key}`, payload: {}, taskId: task.id, atMs });
  }
}

function dedupeKey(effect: EngineEffect, task: Task, index: number): string | null {
  if (effect.kind === 'alert')
    return effect.scope === 'repository'
      ? `alert:repository:${task.repoId}:${effect.key}`
      : `alert:task:${task.id}:${effect.key}`;
  if (effect.kind === 'report' || effect.kind === 'clean-up')
    return `${effect.kind}:${task.id}:${task.version}:${index}`;
  return null;
}

function skipped(
  { id, baseSha, headSha }: Task,
  { check, reason }: Extract<EngineEffect, { kind: 'record-skip' }>,
  atMs: number,
): Omit<GateRun, 'id'> {
  return {
    taskId: id,
    jobId: null,
    check,
    baseSha,
    headSha,
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
    basis: null,
    basisRun: null,
  };
}
