/** Carries out what the engine ordered and the store kept: reports, alerts, clean-up. At least once, each idempotent. */

import type { House } from '../context.ts';
import { settle } from '../platform/errors.ts';
import type { OutboxRow } from '../store/port.ts';

const CLAIM_MS = 60_000;
const RETRIES = 8;

type Effect = (house: House, row: OutboxRow) => Promise<void>;

/** One performer per kind; an unknown kind is kept as dead and logged, never dropped silently. */
const EFFECTS: Readonly<Record<string, Effect>> = {
  report: async (house, row) => house.log.info('report', { task: row.taskId, text: JSON.stringify(row.payload) }),
  alert: async (house, row) => house.log.warn('ALERT', { task: row.taskId, text: JSON.stringify(row.payload) }),
  'clean-up': cleanUp,
};

export async function deliver(house: House): Promise<void> {
  const rows = await house.store.claimOutbox({ nowMs: house.now(), leaseMs: CLAIM_MS, limit: 20 });
  for (const row of rows) {
    const effect = EFFECTS[row.kind];
    if (effect === undefined) {
      house.log.error('an effect nobody performs', { kind: row.kind, task: row.taskId });
      await house.store.nackOutbox(row, { error: `no performer for ${row.kind}`, retryAtMs: null });
      continue;
    }
    const failure = await settle(effect(house, row));
    if (failure === undefined) await house.store.ackOutbox(row, house.now());
    else {
      const retryAtMs = row.attempts >= RETRIES ? null : house.now() + 1000 * 2 ** row.attempts;
      house.log.warn('an effect failed', { kind: row.kind, task: row.taskId, why: failure.message });
      await house.store.nackOutbox(row, { error: failure.message, retryAtMs });
    }
  }
}

/** Claims remove their own slots; this finds what a claim that was cut off left. */
async function cleanUp(house: House, row: OutboxRow): Promise<void> {
  const task = row.taskId === null ? null : await house.store.getTask(row.taskId);
  if (task !== null) await house.places.sweep(task.repoId);
}
