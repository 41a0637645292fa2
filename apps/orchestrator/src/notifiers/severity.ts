/** How soon a person has to look at an alert, by its cause. */
import type { Alert, Severity } from './port.ts';

/** Causes after which nothing lands, or it is not known what landed or still runs. */
const CRITICAL = [
  'frozen',
  'landing-unproven',
  'foreign-forge',
  'repository-in-the-way',
  'marker-lost',
  'main-broken',
  'cancelled/stopped-unverified',
];

/** `critical`: something is wrong with main, a forge or the service itself. */
export const severityOf = ({ key, scope }: Pick<Alert, 'key' | 'scope'>): Severity =>
  scope === 'service' || CRITICAL.some((cause) => key.startsWith(cause)) ? 'critical' : 'warning';
