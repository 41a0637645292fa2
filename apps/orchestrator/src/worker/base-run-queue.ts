/**
 * The queue for runs of main, as a claim waits in it: while it waits for others, the reaper does not take it for dead.
 * Every run it waits for has a deadline of its own.
 */
import type { BaseCaller, BaseRunQueue } from '@gatehouse/merge-gate';
import type { ServiceContext } from '../context.ts';
import { errorOf } from '../platform/errors.ts';
import type { JobToken } from '../store/port/index.ts';
import { CLAIM_LEASE_MS } from './reaper.ts';

const BEAT_MS = 10_000;

/** The service's queue for one claim. */
export function withHeartbeat(
  { baseRuns, store, now }: Pick<ServiceContext, 'baseRuns' | 'store' | 'now'>,
  claim: JobToken,
): BaseRunQueue {
  const beat = () => errorOf(store.heartbeat(claim, { atMs: now(), leaseMs: CLAIM_LEASE_MS, inLine: true }));
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
    ...baseRuns,
    acquire: (caller: BaseCaller) => waiting(baseRuns.acquire(caller)),
    waitForPriority: (caller: BaseCaller) => waiting(baseRuns.waitForPriority(caller)),
  };
}
