/** An alert for one route, as the outbox keeps it. */
import { alertOf } from './alert-message.ts';
import type { Alert } from './port.ts';

/** Kind of such a row. */
export const NOTICE = 'notice';

/** A row of the outbox, as far as one is read from it. */
interface KeptRow {
  readonly payload: unknown;
  readonly taskId: string | null;
}

interface KeptNotice {
  readonly route?: unknown;
  readonly about?: unknown;
  readonly alert?: unknown;
}

const keptIn = ({ payload }: Pick<KeptRow, 'payload'>): KeptNotice => (payload ?? {}) as KeptNotice;

/** The route that a row is for; empty: it holds none. */
export function routeNameOf(row: Pick<KeptRow, 'payload'>): string {
  const { route } = keptIn(row);
  return typeof route === 'string' ? route : '';
}

/** The alert that a row carries; null: none can be read from it. */
export function alertIn(row: KeptRow): Alert | null {
  const { alert, about } = keptIn(row);
  return typeof about === 'string' ? alertOf({ payload: alert, dedupeKey: about, taskId: row.taskId }) : null;
}
