import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Budget } from './stored-values.ts';
import { tasks } from './tasks.ts';

/** Every start of an agent, what it may use and what it said it used. `ended_at` is null while it works, or until it is known to be over. */
export const agentRuns = sqliteTable(
  'agent_runs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    taskId: text('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    jobId: integer('job_id').notNull(),
    jobToken: integer('job_token').notNull(),
    role: text('role').notNull(),
    stage: text('stage').notNull(),
    reportsDir: text('reports_dir').notNull(),
    budget: text('budget_json', { mode: 'json' }).$type<Budget>().notNull(),
    startedAt: integer('started_at').notNull(),
    endedAt: integer('ended_at'),
    tokens: integer('tokens'),
    costMicros: integer('cost_micros'),
    /** Why what the agent reported is not taken. */
    refused: text('refused'),
  },
  (run) => [
    index('agent_runs_task').on(run.taskId),
    index('agent_runs_open').on(run.startedAt).where(sql`ended_at IS NULL`),
  ],
);
