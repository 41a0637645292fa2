import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';
import { tasks } from './tasks.ts';

/** The queue for a repository's merge lease, first in first out by id; a task is in it at most once. */
export const tickets = sqliteTable(
  'tickets',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    taskId: text('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    takenAt: integer('taken_at').notNull(),
    wokenAt: integer('woken_at'),
  },
  (ticket) => [uniqueIndex('tickets_task').on(ticket.taskId), index('tickets_line').on(ticket.repoId, ticket.id)],
);
