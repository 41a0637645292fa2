/** Reads and writes of task rows inside other parts' transactions. */
import { invariant } from '@gatehouse/verdict';
import { tasks } from '../schema/index.ts';
import type { Task } from './port/index.ts';
import { type Driver, memoizeByNames, type Operation } from './sql/driver.ts';
import { assignments, tableShape } from './sql/row-shape.ts';

/** Everything an event, a stop or the critical window may change. */
export type TaskChange = Partial<
  Pick<
    Task,
    | 'stage'
    | 'status'
    | 'state'
    | 'branch'
    | 'key'
    | 'planeIssueId'
    | 'trackerUpdatedAt'
    | 'title'
    | 'priority'
    | 'baseSha'
    | 'headSha'
    | 'testedSha'
    | 'testedTree'
    | 'landedSha'
    | 'landedAt'
    | 'timerDueAt'
    | 'criticalToken'
    | 'cancelRequestedAt'
    | 'cancelReason'
    | 'cancelledAt'
    | 'startedAt'
    | 'budget'
  >
>;

export const TASK = tableShape(tasks);

/** A task that is neither done nor cancelled. As the indexes of live tasks say it. */
export const LIVE_TASK = `stage NOT IN ('done', 'cancelled')`;

/** A cancelled task keeps its branch until its clean-up is over. As the index `tasks_unsettled` says it. */
export const UNSETTLED_TASK = `stage <> 'done' AND cancelled_at IS NULL`;

export interface TaskRows {
  readonly byId: (id: string) => Operation<Task | undefined>;
  /** Version + 1; answers the new row. `task` was read in the same transaction. */
  readonly change: (task: Task, atMs: number, change: TaskChange) => Operation<Task>;
  /** Facts only: the version stays. Answers the new row of `task`, which was read in the same transaction. */
  readonly patch: (task: Task, change: TaskChange) => Operation<Task>;
}

/** An engine may write every index anew that has a column which is set, be it to what it was. */
const newIn = (task: Task, change: TaskChange): string[] =>
  Object.keys(change).filter((name) => change[name as keyof TaskChange] !== task[name as keyof TaskChange]);

export function taskRows({ row, change }: Driver): TaskRows {
  const byId = row(TASK, `SELECT ${TASK.list} FROM tasks WHERE id = :id`);
  const changing = memoizeByNames((names) =>
    change(
      TASK,
      `UPDATE tasks SET ${[assignments(TASK, names), 'version = version + 1, updated_at = :atMs'].filter(Boolean).join(', ')}
       WHERE id = :taskId`,
    ),
  );
  const patching = memoizeByNames((names) =>
    change(TASK, `UPDATE tasks SET ${assignments(TASK, names)} WHERE id = :taskId`),
  );
  return {
    byId: (id) => byId({ id }),
    *change(task, atMs, what) {
      const changed = yield* changing(newIn(task, what))({ ...what, taskId: task.id, atMs });
      invariant(changed === 1, 'a task that is changed was read in the same transaction');
      return { ...task, ...what, version: task.version + 1, updatedAt: atMs };
    },
    *patch(task, what) {
      const names = Object.keys(what);
      if (names.length === 0) return task;
      yield* patching(names)({ ...what, taskId: task.id });
      return { ...task, ...what };
    },
  };
}
