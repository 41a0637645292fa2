/** What a transition means for the merge lease and for the task's place in the queue for it. */
import { isTerminal } from '@gatehouse/stage-engine';
import type { MergeQueue } from '../merge-queue.ts';
import type { Task } from '../port/index.ts';
import type { Operation } from '../sql/driver.ts';
import type { Transition } from './effects.ts';

export interface QueueParts {
  readonly queue: MergeQueue;
}

/**
 * Lease and ticket as the effects say; an inactive task keeps neither, a woken one keeps its place until it acquires.
 * True: another task may be first in the queue now, or the lease is free.
 */
export function* updateQueue({ queue }: QueueParts, { request, effects, task }: Transition): Operation<boolean> {
  const { repoId, id } = task;
  const { atMs } = request.event;
  const said = new Set(effects.map(({ kind }) => kind));
  const releases = !isUnverifiedInside(task) && (isInactive(task) || said.has('release-lease'));
  const held = releases ? yield* queue.heldBy(repoId, id) : undefined;
  const isReleased = held !== undefined && (yield* queue.release(repoId, held.token, atMs));
  if (task.status === 'waiting' && task.state.waiting?.cause === 'lock-busy') {
    yield* queue.join(repoId, id, atMs);
    return true;
  }
  const leaves = isInactive(task) || task.status === 'waiting' || said.has('drop-ticket');
  return (leaves && (yield* queue.leave(id))) || isReleased;
}

/** Inside the critical window and not known to have landed: the right to move main stays where it is. */
export function isUnverifiedInside({ criticalToken, state }: Task): boolean {
  return criticalToken !== null && !state.landed;
}

/** Nothing of the task may run, land or wait in the queue. */
export function isInactive({ status, stage }: Task): boolean {
  return status === 'blocked' || status === 'stopping' || isTerminal(stage);
}
