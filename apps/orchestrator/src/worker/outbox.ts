/** Carries out what the engine ordered and the store kept: reports, alerts, clean-up. At least once, each idempotent. */

import type { ServiceContext } from '../context.ts';
import { errorOf } from '../platform/errors.ts';
import type { OutboxMessage } from '../store/port.ts';

const CLAIM_MS = 60_000;
const RETRIES = 8;

type Effect = (service: ServiceContext, row: OutboxMessage) => Promise<void>;

/** One performer per kind; an unknown kind is kept as dead and logged, never dropped silently. */
const EFFECTS: Readonly<Record<string, Effect>> = {
  report: async (service, row) => service.log.info('report', { task: row.taskId, text: JSON.stringify(row.payload) }),
  alert: async (service, row) => service.log.warn('ALERT', { task: row.taskId, text: JSON.stringify(row.payload) }),
  'clean-up': cleanUp,
};

export async function dispatchOutbox(service: ServiceContext): Promise<void> {
  const rows = await service.store.claimOutbox({ nowMs: service.now(), leaseMs: CLAIM_MS, limit: 20 });
  for (const row of rows) {
    const effect = EFFECTS[row.kind];
    if (effect === undefined) {
      service.log.error('an effect nobody performs', { kind: row.kind, task: row.taskId });
      await service.store.nackOutbox(row, { error: `no performer for ${row.kind}`, retryAtMs: null });
      continue;
    }
    const failure = await errorOf(effect(service, row));
    if (failure === undefined) await service.store.ackOutbox(row, service.now());
    else {
      const retryAtMs = row.attempts >= RETRIES ? null : service.now() + 1000 * 2 ** row.attempts;
      service.log.warn('an effect failed', { kind: row.kind, task: row.taskId, why: failure.message });
      await service.store.nackOutbox(row, { error: failure.message, retryAtMs });
    }
  }
}

/** Claims remove their own slots; this finds what a claim that was cut off left. */
async function cleanUp(service: ServiceContext, row: OutboxMessage): Promise<void> {
  const task = row.taskId === null ? null : await service.store.getTask(row.taskId);
  if (task !== null) await service.workspaces.removeStale(task.repoId);
}
