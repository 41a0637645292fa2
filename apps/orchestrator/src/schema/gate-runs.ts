import type { Cause, CheckVerdict, Finding, GreenBasis } from '@gatehouse/verdict';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { tasks } from './tasks.ts';

/** Every answer of a check, bound to the exact commits it is about. */
export const gateRuns = sqliteTable(
  'gate_runs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    taskId: text('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    jobId: integer('job_id'),
    check: text('check_name').notNull(),
    baseSha: text('base_sha'),
    headSha: text('head_sha'),
    testedSha: text('tested_sha'),
    tree: text('tree'),
    status: text('status').$type<CheckVerdict['status']>().notNull(),
    cause: text('cause').$type<Cause>(),
    reason: text('reason').notNull(),
    findings: text('findings_json', { mode: 'json' }).$type<readonly Finding[]>().notNull(),
    warnings: text('warnings_json', { mode: 'json' }).$type<readonly string[]>().notNull(),
    artefact: text('artefact'),
    durationMs: integer('duration_ms').notNull(),
    gateDigest: text('gate_digest'),
    createdAt: integer('created_at').notNull(),
    /** What a green of the merge check rests on; null for every other answer. */
    basis: text('basis').$type<GreenBasis>(),
    /** The command run behind it, where there is one. */
    basisRun: integer('basis_run'),
  },
  (run) => [index('gate_runs_task').on(run.taskId, run.check), index('gate_runs_check').on(run.check)],
);
