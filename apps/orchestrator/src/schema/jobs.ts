import type { Stage } from '@gatehouse/stage-engine';
import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';
import type { HeldBy, JobKind, JobPayload, JobState } from './stored-values.ts';
import { tasks } from './tasks.ts';

/**
 * Work for a worker. `token` fences: a write counts only for the token of the current claim. `sort_key` is
 * `available_at` minus ten minutes per point of priority, so that the claim walks an index and nothing starves. `held_by`
 * is written by claims (store/holds.ts): what a ready job that they have met waits for; null: not known to wait.
 */
export const jobs = sqliteTable(
  'jobs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    taskId: text('task_id').references(() => tasks.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<JobKind>().notNull(),
    stage: text('stage').$type<Stage>(),
    step: text('step').notNull(),
    payload: text('payload_json', { mode: 'json' }).$type<JobPayload>().notNull(),
    state: text('state').$type<JobState>().notNull(),
    token: integer('token').notNull().default(0),
    workerId: text('worker_id'),
    leaseUntil: integer('lease_until'),
    heartbeatAt: integer('heartbeat_at'),
    progressAt: integer('progress_at'),
    availableAt: integer('available_at').notNull(),
    priority: integer('priority').notNull().default(0),
    sortKey: integer('sort_key').notNull(),
    attempts: integer('attempts').notNull().default(0),
    createdAt: integer('created_at').notNull(),
    finishedAt: integer('finished_at'),
    heldBy: text('held_by').$type<HeldBy>(),
  },
  (job) => [
    index('jobs_free').on(job.kind, job.sortKey, job.id).where(sql`state = 'ready' AND held_by IS NULL`),
    index('jobs_held').on(job.heldBy, job.availableAt).where(sql`state = 'ready' AND held_by IS NOT NULL`),
    index('jobs_ready').on(job.repoId, job.kind, job.heldBy, job.sortKey, job.id).where(sql`state = 'ready'`),
    index('jobs_leased').on(job.kind, job.leaseUntil).where(sql`state = 'leased'`),
    uniqueIndex('jobs_live').on(job.taskId, job.stage, job.kind).where(sql`state IN ('ready', 'leased')`),
    uniqueIndex('jobs_live_probe')
      .on(job.repoId, job.step)
      .where(sql`state IN ('ready', 'leased') AND task_id IS NULL`),
    index('jobs_task').on(job.taskId),
  ],
);
