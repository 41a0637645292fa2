import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';
import { tasks } from './tasks.ts';

/** Append-only. `seq` is never reused (AUTOINCREMENT), so it can be the cursor of a resumable stream. */
export const events = sqliteTable(
  'events',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    repoId: text('repo_id').references(() => repos.id),
    taskId: text('task_id').references(() => tasks.id, { onDelete: 'cascade' }),
    kind: text('kind').notNull(),
    body: text('body_json', { mode: 'json' }).$type<unknown>().notNull(),
    actor: text('actor').notNull(),
    at: integer('at').notNull(),
  },
  (event) => [index('events_task').on(event.taskId, event.seq)],
);
