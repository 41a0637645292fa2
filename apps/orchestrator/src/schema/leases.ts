import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';

/** The merge lease: one row per repository, never deleted, so that its token only grows. */
export const leases = sqliteTable(
  'leases',
  {
    repoId: text('repo_id')
      .primaryKey()
      .references(() => repos.id),
    holder: text('holder').notNull(),
    attempt: integer('attempt').notNull(),
    token: integer('token').notNull(),
    acquiredAt: integer('acquired_at').notNull(),
    renewedAt: integer('renewed_at').notNull(),
    releasedAt: integer('released_at'),
  },
  (lease) => [index('leases_held').on(lease.holder).where(sql`released_at IS NULL`)],
);
