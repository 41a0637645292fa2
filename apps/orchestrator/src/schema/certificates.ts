import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';

/** Certificates of the merge gate that ran out of their budget, until the same question is asked again. */
export const certificates = sqliteTable(
  'certificates',
  {
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    base: text('base').notNull(),
    tree: text('tree').notNull(),
    gateDigest: text('gate_digest').notNull(),
    envDigest: text('env_digest').notNull(),
    /** JSON that the merge gate wrote, and reads with suspicion. */
    state: text('state').notNull(),
    savedAt: integer('saved_at').notNull(),
  },
  (certificate) => [
    primaryKey({
      columns: [certificate.repoId, certificate.base, certificate.tree, certificate.gateDigest, certificate.envDigest],
    }),
    index('certificates_age').on(certificate.repoId, certificate.savedAt),
  ],
);
