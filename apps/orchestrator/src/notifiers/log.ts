/** The notifier that is always there: one line of the service's own log. */
import type { Logger } from '../platform/logger.ts';
import type { Notifier } from './port.ts';

/** A log takes every alert, so each is delivered at once. */
export const logNotifier = (log: Pick<Logger, 'warn'>): Notifier => ({
  name: 'log',
  notify: async ({ kind, key, scope, task, text }) => {
    log.warn('ALERT', { task, text: JSON.stringify({ kind, key, scope, text }) });
    return { kind: 'told' };
  },
});
