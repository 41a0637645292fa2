/** The advisory feeds of the settings. Their canaries must come back vulnerable, so that a dead feed never reads as "no advisory". */
import {
  type FeedPort,
  joinFeeds,
  npmBulkFeed,
  osvDatabaseFeed,
  osvFeed,
  osvScannerFeed,
  pipAuditFeed,
} from '@gatehouse/security-gate';
import type { Settings } from '../settings.ts';

/** Null when none is configured; every report then says so. */
export function advisoryFeedFrom({ security }: Pick<Settings, 'security'>): FeedPort | null {
  const { feedUrl, feedCanary: canary, osvUrl, osvDatabase, pipAudit, osvScanner } = security;
  const feeds: readonly FeedPort[] = [
    ...(feedUrl === '' ? [] : [npmBulkFeed({ url: feedUrl, ...(canary === null ? {} : { canary }) })]),
    ...(osvUrl === '' ? [] : [osvFeed({ url: osvUrl })]),
    ...(osvDatabase === '' ? [] : [osvDatabaseFeed({ dir: osvDatabase })]),
    ...(pipAudit === '' ? [] : [pipAuditFeed({ command: pipAudit })]),
    ...(osvScanner === '' ? [] : [osvScannerFeed({ command: osvScanner })]),
  ];
  return feeds.length < 2 ? (feeds[0] ?? null) : joinFeeds(feeds);
}
