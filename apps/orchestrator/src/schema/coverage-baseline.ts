import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';
import type { FileCoverage, FlappingLines } from './stored-values.ts';

/** The record a branch is compared with; replaced only by compare-and-set on `seq`. */
export const coverageBaseline = sqliteTable(
  'coverage_baseline',
  {
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    branch: text('branch').notNull(),
    metric: text('metric').$type<'lines'>().notNull(),
    commandHash: text('command_hash').notNull(),
    seq: integer('seq').notNull(),
    markCovered: integer('mark_covered').notNull(),
    markTotal: integer('mark_total').notNull(),
    markCommit: text('mark_commit').notNull(),
    refUncovered: integer('ref_uncovered').notNull(),
    refTotal: integer('ref_total').notNull(),
    lastCovered: integer('last_covered').notNull(),
    lastTotal: integer('last_total').notNull(),
    lastTree: text('last_tree').notNull(),
    lastCommit: text('last_commit').notNull(),
    files: text('files_json', { mode: 'json' }).$type<FileCoverage>().notNull(),
    updatedAt: integer('updated_at').notNull(),
    /** Lines known to flap, by file; null: none is. */
    flapping: text('flapping_json', { mode: 'json' }).$type<FlappingLines>(),
  },
  (baseline) => [primaryKey({ columns: [baseline.repoId, baseline.branch, baseline.metric, baseline.commandHash] })],
);
