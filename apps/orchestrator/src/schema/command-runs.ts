import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';
import type { CountedTests } from './stored-values.ts';
import { tasks } from './tasks.ts';

/** Every command a gate ran, on which commit, and how it ended. */
export const commandRuns = sqliteTable(
  'command_runs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    taskId: text('task_id').references(() => tasks.id, { onDelete: 'cascade' }),
    jobId: integer('job_id'),
    purpose: text('purpose').notNull(),
    commit: text('commit_sha').notNull(),
    tree: text('tree'),
    command: text('command').notNull(),
    startedAt: integer('started_at').notNull(),
    durationMs: integer('duration_ms').notNull(),
    outcome: text('outcome').notNull(),
    reason: text('reason').notNull(),
    exitCode: integer('exit_code'),
    tests: text('tests_json', { mode: 'json' }).$type<CountedTests>(),
    level: text('level'),
    leftovers: integer('leftovers').notNull().default(0),
    logPath: text('log_path'),
  },
  (run) => [
    index('command_runs_task').on(run.taskId),
    index('command_runs_repo').on(run.repoId, run.startedAt, run.purpose, run.outcome),
  ],
);
