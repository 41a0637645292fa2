import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';
import type { AskedHow, CountedCommands } from './stored-values.ts';

/** What people asked for at a pull request, how far its comments were read, and what was last told there. */
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
    askedHow: text('asked_how').$type<AskedHow>(),
    taskId: text('task_id'),
    commandCursor: text('command_cursor'),
    commands: text('commands_json', { mode: 'json' }).$type<CountedCommands>(),
    note: text('note'),
    toldHash: text('told_hash'),
    toldAt: integer('told_at'),
    finishedAt: integer('finished_at'),
    updatedAt: integer('updated_at').notNull(),
  },
  (row) => [primaryKey({ columns: [row.repoId, row.number] })],
);
