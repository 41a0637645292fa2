import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';
import type { BreakerState } from './stored-values.ts';

/** Faults of a machine or a service, per repository, cause and host; no row = closed. */
export const breakers = sqliteTable(
  'breakers',
  {
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    cause: text('cause').notNull(),
    host: text('host').notNull(),
    state: text('state').$type<BreakerState>().notNull(),
    taskId: text('task_id'),
    since: integer('since').notNull(),
  },
  (breaker) => [primaryKey({ columns: [breaker.repoId, breaker.cause, breaker.host] })],
);
