import type { Stage } from '@gatehouse/stage-engine';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { tasks } from './tasks.ts';

/** Copies in the service's own store, stamped with what they belong to; a check reads only its own stamp. */
export const artefacts = sqliteTable(
  'artefacts',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    taskId: text('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    stage: text('stage').$type<Stage>().notNull(),
    attempt: integer('attempt').notNull(),
    jobId: integer('job_id'),
    jobToken: integer('job_token'),
    name: text('name').notNull(),
    path: text('path').notNull(),
    digest: text('digest').notNull(),
    codeTree: text('code_tree'),
    createdAt: integer('created_at').notNull(),
  },
  (artefact) => [index('artefacts_task').on(artefact.taskId, artefact.name)],
);
