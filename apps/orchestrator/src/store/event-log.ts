/** The append-only log: what happened to a task or a repository, in commit order. */
import { and, eq, gt, sql } from 'drizzle-orm';
import { events } from '../schema/index.ts';
import type { Connection, Sync } from './adapters/connection.ts';
import { given, givenLimit, placesFor } from './placeholders.ts';
import type { EventRow, TaskStore } from './port.ts';
import { numbered, wholeRows } from './prepared-queries.ts';

/** What the other parts of the store write their rows with, inside their own transactions. */
export interface EventLog {
  /** The new row's seq. */
  readonly append: (event: Omit<EventRow, 'seq'>) => number;
}

const PAGE = 1000;

export function eventLog(
  connection: Connection,
): EventLog & Sync<Pick<TaskStore, 'taskEvents' | 'events' | 'appendEvent'>> {
  const { orm } = connection;
  const insert = numbered(
    connection,
    orm.insert(events).values(placesFor(['repoId', 'taskId', 'kind', 'body', 'actor', 'at'])),
  );
  const after = gt(events.seq, sql.placeholder('afterSeq'));
  const listing = orm.select().from(events).where(after).orderBy(events.seq).limit(givenLimit);
  const page = wholeRows(connection, events, listing);
  const telling = orm
    .select()
    .from(events)
    .where(and(eq(events.taskId, given('taskId')), after))
    .orderBy(events.seq)
    .limit(givenLimit);
  const ofTask = wholeRows(connection, events, telling);
  const append = (event: Omit<EventRow, 'seq'>): number => insert({ ...event });
  return {
    append,
    appendEvent: append,
    taskEvents: (taskId, { afterSeq = 0, limit = PAGE } = {}) => ofTask.all({ taskId, afterSeq, limit }),
    events: ({ afterSeq, limit }) => page.all({ afterSeq, limit }),
  };
}
