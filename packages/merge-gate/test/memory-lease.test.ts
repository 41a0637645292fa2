import { memoryLease } from '@gatehouse/merge-gate';
import { type LeaseSubject, leaseContract } from './lease.contract.ts';

leaseContract('in-memory', async (): Promise<LeaseSubject> => {
  let nowMs = 0;
  const port = memoryLease({ ttlMs: 1000, now: () => nowMs });
  return {
    port,
    another: () => port,
    silence: async () => {
      nowMs += 2000;
    },
    close: async () => {},
  };
});
