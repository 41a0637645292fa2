/** The advisory feed of the settings. Its canary must come back vulnerable, so that a dead feed never reads as "no advisory". */
import { type FeedPort, npmBulkFeed } from '@gatehouse/security-gate';
import type { Settings } from '../settings.ts';

/** Null when none is configured; every report then says so. */
export function advisoryFeedFrom(settings: Settings): FeedPort | null {
  const url = settings.ORCH_SECURITY_DEP_FEED_URL;
  if (url === '') return null;
  const canary = settings.ORCH_SECURITY_DEP_FEED_CANARY;
  return npmBulkFeed({ url, ...(canary === null ? {} : { canary }) });
}
