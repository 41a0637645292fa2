import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';

/**
 * How often a test that failed was red and green on one tree under one definition in one environment. Bounded per
 * repository; see store/test-history.ts.
 */
export const testHistory = sqliteTable(
  'test_history',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    name: text('name').notNull(),
    tree: text('tree').notNull(),
    gateDigest: text('gate_digest').notNull(),
    envDigest: text('env_digest').notNull(),
    reds: integer('reds').notNull(),
    greens: integer('greens').notNull(),
    lastSeen: integer('last_seen').notNull(),
    provenFlakyAt: integer('proven_flaky_at'),
  },
  (test) => [
    uniqueIndex('test_history_key').on(test.repoId, test.tree, test.gateDigest, test.envDigest, test.name),
    index('test_history_flaky').on(test.repoId, test.name).where(sql`proven_flaky_at IS NOT NULL`),
    index('test_history_unproven').on(test.repoId, test.lastSeen).where(sql`proven_flaky_at IS NULL`),
  ],
);
