/** The advisory feed of the settings. Its canary must come back vulnerable, so that a dead feed never reads as "no advisory". */
import { type FeedPort, npmBulkFeed } from '@gatehouse/security-gate';
import type { Settings } from '../settings.ts';

/** Null when none is configured; every report then says so. */
export function advisoryFeedFrom(settings: Settings): FeedPort | null {
  const url = settings.security.feedUrl;
  if (url === '') return null;
  const canary = settings.security.feedCanary;
  return npmBulkFeed({ url, ...(canary === null ? {} : { canary }) });
}
