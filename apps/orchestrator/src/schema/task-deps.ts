import { index, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { tasks } from './tasks.ts';

/** No job of `task_id` is claimed before `depends_on` is done or cancelled; without cycles. */
export const taskDeps = sqliteTable(
  'task_deps',
  {
    taskId: text('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    dependsOn: text('depends_on')
      .notNull()
      .references(() => tasks.id),
  },
  (dep) => [primaryKey({ columns: [dep.taskId, dep.dependsOn] }), index('task_deps_on').on(dep.dependsOn)],
);
