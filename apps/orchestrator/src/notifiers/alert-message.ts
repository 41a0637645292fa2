/** An alert as a message of the outbox, and back. The dedupe key is what "one alert per cause" rests on. */
import type { Alert } from './port.ts';

/** An alert about one task. */
export const taskAlert = (task: string, { key, text }: Pick<Alert, 'key' | 'text'>): Alert => ({
  kind: 'alert',
  key,
  scope: 'task',
  task,
  repository: null,
  text,
});

/** An alert about a repository as a whole. */
export const repositoryAlert = (repository: string, { key, text }: Pick<Alert, 'key' | 'text'>): Alert => ({
  kind: 'alert',
  key,
  scope: 'repository',
  task: null,
  repository,
  text,
});

/** An alert about the service itself, which no outbox can carry. */
export const serviceAlert = ({ key, text }: Pick<Alert, 'key' | 'text'>): Alert => ({
  kind: 'alert',
  key,
  scope: 'service',
  task: null,
  repository: null,
  text,
});

/** An alert as the outbox keeps it. */
export interface AlertMessage {
  readonly kind: 'alert';
  readonly dedupeKey: string;
  readonly payload: Pick<Alert, 'kind' | 'key' | 'scope' | 'text'>;
  readonly taskId?: string;
}

/** What the outbox is given. */
export function alertMessage({ kind, key, scope, task, repository, text }: Alert): AlertMessage {
  const about = scope === 'repository' ? repository : task;
  const message = { kind, dedupeKey: `alert:${scope}:${about}:${key}`, payload: { kind, key, scope, text } };
  return task === null ? message : { ...message, taskId: task };
}

/** A row of the outbox, as far as an alert is read from it. */
interface KeptMessage {
  readonly payload: unknown;
  readonly dedupeKey: string;
  readonly taskId: string | null;
}

/** What the outbox gives back; null: the row holds no alert. Only the dedupe key names the repository. */
export function alertOf({ payload, dedupeKey, taskId }: KeptMessage): Alert | null {
  const { key, scope, text } = (payload ?? {}) as Partial<Record<keyof Alert, unknown>>;
  if (typeof key !== 'string' || typeof text !== 'string') return null;
  if (scope === 'task') return { kind: 'alert', key, scope, task: taskId, repository: null, text };
  const start = 'alert:repository:';
  const end = `:${key}`;
  if (scope !== 'repository' || !dedupeKey.startsWith(start) || !dedupeKey.endsWith(end)) return null;
  const repository = dedupeKey.slice(start.length, -end.length);
  return { kind: 'alert', key, scope, task: taskId, repository, text };
}
