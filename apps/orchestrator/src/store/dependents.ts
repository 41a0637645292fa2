/** The tasks that wait for a task: when it is cancelled they go on without it, and their events say so. */
import type { EventLog } from './event-log.ts';
import type { StoredEvent, Task } from './port/index.ts';
import type { Driver, Operation } from './sql/driver.ts';
import { cellsNamed } from './sql/row-shape.ts';
import { LIVE_TASK } from './task-rows.ts';

/** A task that was cancelled, by whom, when that was written. */
interface Cancelled {
  readonly id: string;
  readonly actor: string;
  readonly atMs: number;
}

interface Dependent {
  readonly taskId: string;
  readonly repoId: string;
}

export interface Dependents {
  /** One event for each live task that waits for it, in the transaction that cancels it. */
  readonly tellCancelled: (cancelled: Cancelled) => Operation<void>;
}

export function dependentTasks({ dialect, rows }: Driver, log: EventLog): Dependents {
  const waiting = rows(
    cellsNamed<Pick<Task, 'id' | 'repoId'>>('id', 'repoId'),
    `SELECT t.id, t.repo_id AS "repoId" FROM task_deps d JOIN tasks t ON t.id = d.task_id
     WHERE d.depends_on = ${dialect.opaque(':id')} AND t.${LIVE_TASK} ORDER BY t.id`,
  );
  return {
    *tellCancelled(cancelled) {
      for (const { id: taskId, repoId } of yield* waiting({ id: cancelled.id }))
        yield* log.append(dependencyCancelled(cancelled, { taskId, repoId }));
    },
  };
}

/** The event of a task that does not wait any more for one that was cancelled. */
export const dependencyCancelled = (
  { id, actor, atMs }: Cancelled,
  { taskId, repoId }: Dependent,
): Omit<StoredEvent, 'seq'> => ({
  repoId,
  taskId,
  kind: 'dependency-cancelled',
  body: { depends_on: id },
  actor,
  at: atMs,
});
