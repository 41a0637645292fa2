import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** The statuses of a tracker's project that ask for something, by id: a renamed one is still the same. */
export const trackerStates = sqliteTable(
  'tracker_states',
  {
    project: text('project').notNull(),
    wish: text('wish').$type<'start' | 'approve' | 'stop'>().notNull(),
    stateId: text('state_id').notNull(),
    name: text('name').notNull(),
  },
  (row) => [primaryKey({ columns: [row.project, row.wish] })],
);
