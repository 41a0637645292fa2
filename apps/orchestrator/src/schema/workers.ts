import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Service processes and when each was last heard of; `host`, `pid` and `start_time` name one process for ever. */
export const workers = sqliteTable('workers', {
  id: text('id').primaryKey(),
  host: text('host').notNull(),
  pid: integer('pid').notNull(),
  version: text('version').notNull(),
  startedAt: integer('started_at').notNull(),
  heartbeatAt: integer('heartbeat_at').notNull(),
  startTime: text('start_time').notNull().default(''),
});
