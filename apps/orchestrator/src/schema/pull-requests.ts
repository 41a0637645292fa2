import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';

/** What people asked for at a pull request, and how far its comments were read. */
export const pullRequests = sqliteTable(
  'pull_requests',
  {
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    number: integer('number').notNull(),
    branch: text('branch').notNull(),
    head: text('head').notNull(),
    askedHead: text('asked_head'),
    askedBy: text('asked_by'),
    taskId: text('task_id'),
    commandCursor: text('command_cursor'),
    finishedAt: integer('finished_at'),
    updatedAt: integer('updated_at').notNull(),
  },
  (row) => [primaryKey({ columns: [row.repoId, row.number] })],
);
