import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';

/** Which tasks reported a breaker's fault; `refuted_at`: main ran well afterwards, so the fault was the task's own. */
export const breakerWitnesses = sqliteTable(
  'breaker_witnesses',
  {
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    cause: text('cause').notNull(),
    host: text('host').notNull(),
    taskId: text('task_id').notNull(),
    at: integer('at').notNull(),
    refutedAt: integer('refuted_at'),
  },
  (witness) => [primaryKey({ columns: [witness.repoId, witness.cause, witness.host, witness.taskId] })],
);
