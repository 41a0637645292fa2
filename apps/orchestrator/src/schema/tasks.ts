import type { Profile, Stage, TaskState, TaskStatus } from '@gatehouse/stage-engine';
import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';
import type { Budget } from './stored-values.ts';

/** One row per task; `state_json` is the engine's state, `stage` and `status` repeat it for queries. */
export const tasks = sqliteTable(
  'tasks',
  {
    id: text('id').primaryKey(),
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    profile: text('profile').$type<Profile>().notNull(),
    branch: text('branch').notNull(),
    key: text('key').notNull(),
    planeIssueId: text('plane_issue_id'),
    trackerUpdatedAt: integer('tracker_updated_at'),
    title: text('title').notNull(),
    description: text('description').notNull().default(''),
    priority: integer('priority').notNull().default(0),
    generation: integer('generation').notNull(),
    stage: text('stage').$type<Stage>().notNull(),
    status: text('status').$type<TaskStatus>().notNull(),
    state: text('state_json', { mode: 'json' }).$type<TaskState>().notNull(),
    version: integer('version').notNull(),
    timerDueAt: integer('timer_due_at'),
    baseSha: text('base_sha'),
    headSha: text('head_sha'),
    testedSha: text('tested_sha'),
    testedTree: text('tested_tree'),
    landedSha: text('landed_sha'),
    criticalToken: integer('critical_token'),
    cancelRequestedAt: integer('cancel_requested_at'),
    cancelReason: text('cancel_reason'),
    cancelledAt: integer('cancelled_at'),
    startedAt: integer('started_at'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    pullRequest: integer('pull_request'),
    requestedBy: text('requested_by'),
    criticalCommit: text('critical_commit'),
    landedAt: integer('landed_at'),
    budget: text('budget_json', { mode: 'json' }).$type<Budget>(),
  },
  (task) => [
    uniqueIndex('tasks_live_branch').on(task.repoId, task.branch).where(sql`stage NOT IN ('done', 'cancelled')`),
    uniqueIndex('tasks_live_issue')
      .on(task.repoId, task.planeIssueId)
      .where(sql`stage NOT IN ('done', 'cancelled') AND plane_issue_id IS NOT NULL`),
    index('tasks_issue').on(task.planeIssueId).where(sql`plane_issue_id IS NOT NULL`),
    index('tasks_branch').on(task.branch),
    index('tasks_key').on(task.key),
    index('tasks_live').on(task.repoId, task.startedAt).where(sql`stage NOT IN ('done', 'cancelled')`),
    index('tasks_unsettled').on(task.repoId).where(sql`stage <> 'done' AND cancelled_at IS NULL`),
    index('tasks_timer').on(task.timerDueAt).where(sql`timer_due_at IS NOT NULL`),
    index('tasks_created').on(task.createdAt),
    index('tasks_landed').on(task.repoId, task.landedAt, task.createdAt).where(sql`landed_at IS NOT NULL`),
    index('tasks_queued')
      .on(task.repoId, task.createdAt, task.id)
      .where(sql`stage NOT IN ('done', 'cancelled') AND status IN ('active', 'waiting') AND landed_sha IS NULL`),
    index('tasks_people')
      .on(task.repoId, task.updatedAt)
      .where(
        sql`stage NOT IN ('done', 'cancelled') AND (status = 'blocked' OR (status = 'waiting' AND timer_due_at IS NULL))`,
      ),
  ],
);
