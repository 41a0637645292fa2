/** Tasks come from the API and the command line alone. */
import type { Tracker } from './port.ts';

const unsupported = async () =>
  ({ kind: 'unsupported', reason: 'no tracker is configured: tasks come from the API and the command line' }) as const;

/** There is no tracker, and every question is answered with that. */
export const noTracker: Tracker = {
  name: 'none',
  issue: unsupported,
  wanted: unsupported,
  comment: unsupported,
  hint: unsupported,
};
