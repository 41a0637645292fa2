import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { OutboxState } from './stored-values.ts';
import { tasks } from './tasks.ts';

/** Messages that must be delivered outside, at least once; the dedupe key makes each at most one row. */
export const outbox = sqliteTable(
  'outbox',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    kind: text('kind').notNull(),
    taskId: text('task_id').references(() => tasks.id, { onDelete: 'cascade' }),
    dedupeKey: text('dedupe_key').notNull(),
    payload: text('payload_json', { mode: 'json' }).$type<unknown>().notNull(),
    state: text('state').$type<OutboxState>().notNull(),
    token: integer('token').notNull().default(0),
    attempts: integer('attempts').notNull().default(0),
    availableAt: integer('available_at').notNull(),
    leaseUntil: integer('lease_until'),
    sentAt: integer('sent_at'),
    lastError: text('last_error'),
    createdAt: integer('created_at').notNull(),
  },
  (mail) => [
    uniqueIndex('outbox_dedupe').on(mail.dedupeKey),
    index('outbox_pending').on(mail.availableAt).where(sql`state = 'pending'`),
  ],
);
