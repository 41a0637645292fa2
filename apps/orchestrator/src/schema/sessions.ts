import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** Browsers that were let in with a token. Neither the token nor what the browser presents can be read from a row. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    idHash: text('id_hash').notNull(),
    tokenName: text('token_name').notNull(),
    scope: text('scope').$type<'read' | 'operate' | 'admin'>().notNull(),
    tokenDigest: text('token_digest').notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (session) => [uniqueIndex('sessions_id_hash').on(session.idHash), index('sessions_expiry').on(session.expiresAt)],
);
