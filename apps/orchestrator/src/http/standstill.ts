/**
 * A task that stands still although nothing it waits for explains it: a fault of ours, of a worker, or of the machine. In words,
 * for the task's warnings and for the alert of worker/standstill-watcher.ts. Pure.
 */
import { isTerminal } from '@gatehouse/stage-engine';
import type { Job, Task } from '../store/port/index.ts';

/** What a standstill is seen from. */
export interface Standing {
  readonly nowMs: number;
  /** How long something that is due may stay undone. */
  readonly afterMs: number;
  /** The ready or leased job of the task. */
  readonly job: Job | undefined;
  /** Why the task waits; null: nothing explains it. */
  readonly reason: string | null;
}

/**
 * Whether a task could stand still, as far as its own row tells: of many that wait for something that they name, or moved a moment ago,
 * nothing else need be read.
 */
export function mayStandStill(task: Task, { nowMs, afterMs }: Pick<Standing, 'nowMs' | 'afterMs'>): boolean {
  if (isTerminal(task.stage) || task.status === 'blocked') return false;
  const isLate = (sinceMs: number | null): boolean => sinceMs !== null && nowMs - sinceMs > afterMs;
  if (task.status === 'stopping') return isLate(task.cancelRequestedAt ?? task.updatedAt);
  return isLate(task.timerDueAt) || (task.state.waiting === null && isLate(task.updatedAt));
}

/** What should have happened and did not, and since when; null: the task moves, or it is explained why it does not. */
export function describeStandstill(task: Task, { nowMs, afterMs, job, reason }: Standing): string | null {
  const since = (startMs: number, words: string): string | null =>
    nowMs - startMs > afterMs ? `it stands still: ${words}, since ${new Date(startMs).toISOString()}` : null;
  if (isTerminal(task.stage) || task.status === 'blocked') return null;
  if (task.status === 'stopping')
    return since(task.cancelRequestedAt ?? task.updatedAt, 'it was asked to stop and is not proven to be over');
  if (job?.state === 'leased')
    return since(job.leaseUntil ?? nowMs, `the worker of job ${job.id} (${job.step}) is silent and was not replaced`);
  const timer = task.timerDueAt === null ? null : since(task.timerDueAt, 'its timer is due and was not answered');
  if (timer !== null || reason !== null || task.timerDueAt !== null) return timer;
  if (job?.state === 'ready')
    return since(
      Math.max(job.availableAt, task.updatedAt),
      `nothing holds job ${job.id} (${job.step}) back and no worker claims it`,
    );
  return since(task.updatedAt, 'it has no job, no timer and nothing that it waits for');
}
