/**
 * The line for runs of main, as a claim stands in it: while it waits for others, the reaper does not take it for dead.
 * Every turn it waits for is itself a run with a deadline.
 */
import type { BaseCaller, BaseRunQueue } from '@gatehouse/merge-gate';
import type { House } from '../context.ts';
import { settle } from '../platform/errors.ts';
import type { JobToken } from '../store/port.ts';
import { CLAIM_LEASE_MS } from './reaper.ts';

const BEAT_MS = 10_000;

/** The house's line for one claim. */
export function inLineFor({ base, store, now }: Pick<House, 'base' | 'store' | 'now'>, claim: JobToken): BaseRunQueue {
  const beat = () => settle(store.heartbeat(claim, { atMs: now(), leaseMs: CLAIM_LEASE_MS, inLine: true }));
  const waiting = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
    const beats = setInterval(() => void beat(), BEAT_MS);
    try {
      return await asked;
    } finally {
      clearInterval(beats);
      await beat();
    }
  };
  return {
    ...base,
    acquire: (caller: BaseCaller) => waiting(base.acquire(caller)),
    waitForPriority: (caller: BaseCaller) => waiting(base.waitForPriority(caller)),
  };
}
