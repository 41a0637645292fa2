/** Reads and writes of task rows inside other parts' transactions. */
import { invariant } from '@gatehouse/verdict';
import { eq, sql } from 'drizzle-orm';
import { tasks } from '../schema/index.ts';
import type { Connection } from './adapters/connection.ts';
import type { TaskRow } from './port.ts';
import { perNames, placesFor } from './prepared.ts';
import { wholeRows } from './whole-rows.ts';

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

export interface TaskRows {
  readonly byId: (id: string) => TaskRow | undefined;
  /** Version + 1; answers the new row. */
  readonly change: (id: string, atMs: number, change: TaskChange) => TaskRow;
  /** Facts only: the version stays. */
  readonly note: (id: string, change: TaskChange) => void;
}

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
    wholeRows(
      connection,
      tasks,
      orm
        .update(tasks)
        .set({ ...placesFor(names), version, updatedAt })
        .where(isNamed)
        .returning(),
    ),
  );
  const noting = perNames((names) => orm.update(tasks).set(placesFor(names)).where(isNamed).prepare());
  return {
    byId: (id) => byId.get({ id }),
    change: (taskId, atMs, change) => {
      const changed = changing(Object.keys(change)).get({ ...change, taskId, atMs });
      invariant(changed !== undefined, 'a task that is changed was read in the same transaction');
      return changed;
    },
    note: (taskId, change) => {
      const names = Object.keys(change);
      if (names.length > 0) noting(names).run({ ...change, taskId });
    },
  };
}
