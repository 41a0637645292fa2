import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** Webhook deliveries, each once per source. */
export const inbox = sqliteTable(
  'inbox',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    source: text('source').notNull(),
    dedupeKey: text('dedupe_key').notNull(),
    bodyHash: text('body_hash').notNull(),
    body: text('body').notNull(),
    receivedAt: integer('received_at').notNull(),
    processedAt: integer('processed_at'),
    error: text('error'),
  },
  (mail) => [
    uniqueIndex('inbox_dedupe').on(mail.source, mail.dedupeKey),
    index('inbox_pending').on(mail.id).where(sql`processed_at IS NULL`),
  ],
);
