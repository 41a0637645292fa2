/** The stage engine with this service's settings: what the store calls inside each event's transaction. */
import { decide, initialState } from '@gatehouse/stage-engine';
import type { Settings } from '../settings.ts';

export const engineConfig = (settings: Settings) => ({
  decide,
  initialState,
  config: {
    maxDeveloperRetries: settings.limits.developerRetries,
    mergeDeferMaxMs: settings.merge.deferMaxMs,
    infraRetryMax: settings.merge.infraRetryMax,
    infraBackoffMs: settings.merge.infraBackoffMs,
    pollMs: settings.repositories.pollMs,
    infraRetryEnabled: settings.merge.infraRetry,
  },
});
