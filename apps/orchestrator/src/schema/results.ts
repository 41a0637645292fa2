import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** First-try greens of our own, by what they were earned with; a red of a tree deletes all of its rows. */
export const results = sqliteTable(
  'results',
  {
    tree: text('tree').notNull(),
    gateDigest: text('gate_digest').notNull(),
    envDigest: text('env_digest').notNull(),
    at: integer('at').notNull(),
    /** The command run that earned it. */
    runId: integer('run_id'),
  },
  (result) => [
    primaryKey({ columns: [result.tree, result.gateDigest, result.envDigest] }),
    index('results_at').on(result.at),
  ],
);
