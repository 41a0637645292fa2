import type { Profile } from '@gatehouse/stage-engine';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Registered repositories. */
export const repos = sqliteTable('repos', {
  id: text('id').primaryKey(),
  url: text('url').notNull(),
  forge: text('forge').notNull(),
  main: text('main').notNull(),
  profile: text('profile').$type<Profile>().notNull(),
  policyPath: text('policy_path'),
  frozenReason: text('frozen_reason'),
  paused: integer('paused', { mode: 'boolean' }).notNull().default(false),
  createdAt: integer('created_at').notNull(),
  pausedReason: text('paused_reason'),
  mainSha: text('main_sha'),
  credential: text('credential'),
  forgeId: text('forge_id'),
  movedTo: text('moved_to'),
});
