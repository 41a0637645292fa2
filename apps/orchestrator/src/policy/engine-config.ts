/** The stage engine with this service's settings: what the store calls inside each event's transaction. */
import { decide, initialState } from '@gatehouse/stage-engine';
import type { Settings } from '../settings.ts';
import type { Engine } from '../store/port.ts';

export const engineConfig = (settings: Settings): Engine => ({
  decide,
  initialState,
  config: {
    maxDeveloperRetries: settings.ORCH_MAX_DEVELOPER_RETRIES,
    mergeDeferMaxMs: settings.ORCH_MERGE_DEFER_MAX_S,
    infraRetryMax: settings.ORCH_MERGE_INFRA_RETRY_MAX,
    infraBackoffMs: settings.ORCH_MERGE_INFRA_BACKOFF_S,
    pollMs: settings.ORCH_POLL_S,
    infraRetryEnabled: settings.ORCH_MERGE_INFRA_RETRY_ENABLED,
  },
});
