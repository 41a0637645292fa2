import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';

/** How many runs of a tree's whole suite named every failure; what `test_history` counts greens from. */
export const suiteRuns = sqliteTable(
  'suite_runs',
  {
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    tree: text('tree').notNull(),
    gateDigest: text('gate_digest').notNull(),
    envDigest: text('env_digest').notNull(),
    completeRuns: integer('complete_runs').notNull(),
    /** Tests that ran in the newest green run that counted them. */
    testsRun: integer('tests_run'),
    lastSeen: integer('last_seen').notNull(),
  },
  (suite) => [
    primaryKey({ columns: [suite.repoId, suite.tree, suite.gateDigest, suite.envDigest] }),
    index('suite_runs_age').on(suite.repoId, suite.lastSeen),
  ],
);
