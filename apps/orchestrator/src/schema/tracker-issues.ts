import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { repos } from './repos.ts';

/** What an issue of a tracker asked for when it was last read. */
export const trackerIssues = sqliteTable(
  'tracker_issues',
  {
    issueId: text('issue_id').primaryKey(),
    repoId: text('repo_id')
      .notNull()
      .references(() => repos.id),
    wish: text('wish').$type<'start' | 'approve' | 'stop' | 'nothing'>().notNull(),
    updatedAt: integer('updated_at').notNull(),
    seenAt: integer('seen_at').notNull(),
  },
  (issue) => [index('tracker_issues_asking').on(issue.seenAt, issue.issueId).where(sql`wish <> 'nothing'`)],
);
