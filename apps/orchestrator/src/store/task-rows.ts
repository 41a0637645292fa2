/** Reads and writes of task rows inside other parts' transactions. */
import { invariant } from '@gatehouse/verdict';
import { eq, type SQL, sql } from 'drizzle-orm';
import { tasks } from '../schema/index.ts';
import type { Connection } from './adapters/connection.ts';
import { memoizeByNames, placeholdersFor } from './placeholders.ts';
import type { Task } from './port.ts';
import { prepareSelect, prepareUpdate } from './prepared-queries.ts';

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
    | 'timerDueAt'
    | 'criticalToken'
    | 'cancelRequestedAt'
    | 'cancelReason'
    | 'cancelledAt'
    | 'startedAt'
  >
>;

/** A cancelled task keeps its branch until its clean-up is over. As the index `tasks_unsettled` says it. */
export const UNSETTLED: SQL = sql`${tasks.stage} <> 'done' AND ${tasks.cancelledAt} IS NULL`;

export interface TaskRows {
  readonly byId: (id: string) => Task | undefined;
  /** Version + 1; answers the new row. `task` was read in the same transaction. */
  readonly change: (task: Task, atMs: number, change: TaskChange) => Task;
  /** Facts only: the version stays. Answers the new row of `task`, which was read in the same transaction. */
  readonly patch: (task: Task, change: TaskChange) => Task;
}

/** SQLite writes every index anew that has a column which is set, be it to what it was. */
const newIn = (task: Task, change: TaskChange): string[] =>
  Object.keys(change).filter((name) => change[name as keyof TaskChange] !== task[name as keyof TaskChange]);

export function taskRows(connection: Connection): TaskRows {
  const { orm } = connection;
  const byId = prepareSelect(
    connection,
    tasks,
    orm
      .select()
      .from(tasks)
      .where(eq(tasks.id, sql.placeholder('id'))),
  );
  const isNamed = eq(tasks.id, sql.placeholder('taskId'));
  const version = sql`${tasks.version} + 1`;
  const updatedAt = sql`${sql.placeholder('atMs')}`;
  const changing = memoizeByNames((names) =>
    prepareUpdate(
      connection,
      orm
        .update(tasks)
        .set({ ...placeholdersFor(names), version, updatedAt })
        .where(isNamed),
    ),
  );
  const noting = memoizeByNames((names) =>
    prepareUpdate(connection, orm.update(tasks).set(placeholdersFor(names)).where(isNamed)),
  );
  return {
    byId: (id) => byId.get({ id }),
    change: (task, atMs, change) => {
      const changed = changing(newIn(task, change))({ ...change, taskId: task.id, atMs });
      invariant(changed === 1, 'a task that is changed was read in the same transaction');
      return { ...task, ...change, version: task.version + 1, updatedAt: atMs };
    },
    patch: (task, change) => {
      const names = Object.keys(change);
      if (names.length === 0) return task;
      noting(names)({ ...change, taskId: task.id });
      return { ...task, ...change };
    },
  };
}
