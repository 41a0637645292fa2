import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';

/** Append-only: every value a baseline ever had, and who set it. */
export const coverageHistory = sqliteTable(
  'coverage_history',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    branch: text('branch').notNull(),
    metric: text('metric').$type<'lines'>().notNull(),
    commandHash: text('command_hash').notNull(),
    seq: integer('seq').notNull(),
    covered: integer('covered').notNull(),
    total: integer('total').notNull(),
    commit: text('commit_sha').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
    at: integer('at').notNull(),
  },
  (entry) => [index('coverage_history_repo').on(entry.repoId, entry.branch)],
);
