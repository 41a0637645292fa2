/** The append-only log: what happened to a task or a repository, in commit order. */
import { and, eq, gt, sql } from 'drizzle-orm';
import { events } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import { givenLimit, opaque, placeholdersFor } from './placeholders.ts';
import type { StoredEvent, TaskStore } from './port.ts';
import { prepareInsert, prepareSelect } from './prepared-queries.ts';

/** What the other parts of the store write their rows with, inside their own transactions. */
export interface EventLog {
  /** The new row's seq. */
  readonly append: (event: Omit<StoredEvent, 'seq'>) => number;
}

const PAGE = 1000;

export function eventLog(
  connection: Connection,
): EventLog & SyncPort<Pick<TaskStore, 'taskEvents' | 'events' | 'appendEvent'>> {
  const { orm } = connection;
  const insert = prepareInsert(
    connection,
    orm.insert(events).values(placeholdersFor(['repoId', 'taskId', 'kind', 'body', 'actor', 'at'])),
  );
  const after = gt(events.seq, sql.placeholder('afterSeq'));
  const listing = orm.select().from(events).where(after).orderBy(events.seq).limit(givenLimit);
  const page = prepareSelect(connection, events, listing);
  const telling = orm
    .select()
    .from(events)
    .where(and(eq(events.taskId, opaque('taskId')), after))
    .orderBy(events.seq)
    .limit(givenLimit);
  const ofTask = prepareSelect(connection, events, telling);
  const append = (event: Omit<StoredEvent, 'seq'>): number => insert({ ...event });
  return {
    append,
    appendEvent: append,
    taskEvents: (taskId, { afterSeq = 0, limit = PAGE } = {}) => ofTask.all({ taskId, afterSeq, limit }),
    events: ({ afterSeq, limit }) => page.all({ afterSeq, limit }),
  };
}
