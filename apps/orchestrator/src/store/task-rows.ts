/** Reads and writes of task rows inside other parts' transactions. */
import { invariant } from '@gatehouse/verdict';
import { eq, type SQL, sql } from 'drizzle-orm';
import { tasks } from '../schema/index.ts';
import type { Connection } from './adapters/connection.ts';
import { perNames, placesFor } from './placeholders.ts';
import type { TaskRow } from './port.ts';
import { counted, wholeRows } from './prepared-queries.ts';

/** Everything an event, a stop or the critical window may change. */
export type TaskChange = Partial<
  Pick<
    TaskRow,
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
  readonly byId: (id: string) => TaskRow | undefined;
  /** Version + 1; answers the new row. `task` was read in the same transaction. */
  readonly change: (task: TaskRow, atMs: number, change: TaskChange) => TaskRow;
  /** Facts only: the version stays. Answers the new row of `task`, which was read in the same transaction. */
  readonly note: (task: TaskRow, change: TaskChange) => TaskRow;
}

/** SQLite writes every index anew that has a column which is set, be it to what it was. */
const newIn = (task: TaskRow, change: TaskChange): string[] =>
  Object.keys(change).filter((name) => change[name as keyof TaskChange] !== task[name as keyof TaskChange]);

export function taskRows(connection: Connection): TaskRows {
  const { orm } = connection;
  const byId = wholeRows(
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
  const changing = perNames((names) =>
    counted(
      connection,
      orm
        .update(tasks)
        .set({ ...placesFor(names), version, updatedAt })
        .where(isNamed),
    ),
  );
  const noting = perNames((names) => counted(connection, orm.update(tasks).set(placesFor(names)).where(isNamed)));
  return {
    byId: (id) => byId.get({ id }),
    change: (task, atMs, change) => {
      const changed = changing(newIn(task, change))({ ...change, taskId: task.id, atMs });
      invariant(changed === 1, 'a task that is changed was read in the same transaction');
      return { ...task, ...change, version: task.version + 1, updatedAt: atMs };
    },
    note: (task, change) => {
      const names = Object.keys(change);
      if (names.length === 0) return task;
      noting(names)({ ...change, taskId: task.id });
      return { ...task, ...change };
    },
  };
}
