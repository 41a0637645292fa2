/** Carries out what the engine ordered and the store kept: reports, alerts, clean-up. At least once, each idempotent. */

import type { ServiceContext } from '../context.ts';
import { alertOf } from '../notifiers/alert-message.ts';
import { NOTICE } from '../notifiers/notice-row.ts';
import { outcomeOf } from '../platform/errors.ts';
import type { TellAnswer } from '../platform/tell-answer.ts';
import type { OutboxMessage } from '../store/port/index.ts';
import { addNotices } from './notices.ts';
import { retryAt } from './retry-at.ts';
import { tellIssue } from './tell-issue.ts';

const CLAIM_MS = 60_000;

/** What is done at pull requests, by kind. */
export interface PeopleEffects {
  readonly tell: (row: OutboxMessage) => Promise<TellAnswer>;
  readonly finish: (row: OutboxMessage) => Promise<TellAnswer>;
}

type OutboxContext = Pick<
  ServiceContext,
  'log' | 'notifier' | 'now' | 'routes' | 'store' | 'tracker' | 'workspaces'
> & {
  /** Absent where no forge has pull requests. */
  readonly people?: PeopleEffects;
};
type Effect = (service: OutboxContext, row: OutboxMessage) => TellAnswer | Promise<TellAnswer>;

const DELIVERED: TellAnswer = { kind: 'told' };
const NOBODY: TellAnswer = { kind: 'rejected', reason: 'no forge here has pull requests' };
const UNREADABLE: TellAnswer = { kind: 'rejected', reason: 'no alert can be read from it' };

/** One performer per kind; an unknown kind is kept as dead and logged, never dropped silently. */
const EFFECTS: Readonly<Record<string, Effect>> = {
  report: async (service, row) => {
    service.log.info('report', { task: row.taskId, text: JSON.stringify(row.payload) });
    return tellIssue(service, row);
  },
  alert: async (service, row) => {
    const alert = alertOf(row);
    if (alert === null) return UNREADABLE;
    await addNotices(service, row, alert);
    return service.notifier.notify(alert);
  },
  tell: ({ people }, row) => people?.tell(row) ?? NOBODY,
  'finish-pull-request': ({ people }, row) => people?.finish(row) ?? NOBODY,
  'clean-up': cleanUp,
};

/** Everything but notices, whose receivers may be slow. */
export async function dispatchOutbox(service: OutboxContext): Promise<void> {
  const nowMs = service.now();
  const rows = await service.store.claimOutbox({ nowMs, leaseMs: CLAIM_MS, limit: 20, butNot: NOTICE });
  for (const row of rows) {
    const effect = EFFECTS[row.kind];
    if (effect === undefined) {
      service.log.error('an effect nobody performs', { kind: row.kind, task: row.taskId });
      await service.store.nackOutbox(row, { error: `no performer for ${row.kind}`, retryAtMs: null });
      continue;
    }
    const performed = await outcomeOf(() => effect(service, row));
    const answer = performed.kind === 'value' ? performed.value : undelivered(performed.error);
    if (answer.kind === 'told') await service.store.ackOutbox(row, service.now());
    else {
      const retryAtMs = retryAt(service.now(), row, answer);
      const about = { kind: row.kind, task: row.taskId, why: answer.reason };
      if (retryAtMs === null) service.log.error('an effect failed and is given up', about);
      else service.log.warn('an effect failed', about);
      await service.store.nackOutbox(row, { error: answer.reason, retryAtMs });
    }
  }
}

/** An effect that threw may be tried again. */
const undelivered = ({ message }: Error): TellAnswer => ({ kind: 'untold', reason: message, retryAfterMs: null });

/** Claims remove their own slots; this finds what a claim that was cut off left. */
async function cleanUp(service: Pick<ServiceContext, 'store' | 'workspaces'>, row: OutboxMessage): Promise<TellAnswer> {
  const task = row.taskId === null ? null : await service.store.getTask(row.taskId);
  if (task !== null) await service.workspaces.removeStale(task.repoId);
  return DELIVERED;
}
