/**
 * The service's mirror of the virtual forge: a snapshot as old as its last fetch, on a disk that outlives processes.
 */
import type { Mirrors } from '@gatehouse/orchestrator/testing';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { FaultPoint } from './fault-point.ts';
import { forgeOf } from './forge.ts';
import type { WorldState } from './world-state.ts';

const FETCH = { dir: 'mirror', timeoutMs: 300_000, signal: new AbortController().signal };

export function mirrorsOf(state: WorldState, owner: Owner, atFaultPoint: FaultPoint): Mirrors {
  const { prng, counters, history } = state;
  const forge = forgeOf(state, owner, atFaultPoint);
  return {
    directory: () => 'mirror',
    broken: () => [],
    // Only the watcher of conflicts asks, which is no part of the worker.
    heads: () => ({}),
    foresee: async () => ({ kind: 'unsure' }),
    refresh: ({ main }) => atFaultPoint(owner, 'mirror.refresh', () => forge.fetch({ ...FETCH, main })),
    pin: () =>
      atFaultPoint(owner, 'mirror.pin', async () => {
        if (!prng.hits(state.faults.mirrorDownPpm)) return { kind: 'done' };
        count(counters, 'mirror: a head cannot be kept');
        return { kind: 'failed', reason: 'the disk of the mirror is full' };
      }),
    compact: () => atFaultPoint(owner, 'mirror.compact', async () => null),
    hasCommit: (_repo, { commit, head }) =>
      atFaultPoint(owner, 'mirror.hasCommit', async () => {
        if (prng.hits(state.faults.mirrorUnsurePpm)) {
          count(counters, 'mirror: cannot compare');
          return 'unknown';
        }
        return history.contains(head, commit) ? 'yes' : 'no';
      }),
    // Nobody rewrites main here.
    wasDropped: async (_repo, { commit, main }) => !history.contains(main, commit),
  };
}
