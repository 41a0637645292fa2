/**
 * The service's mirror of the virtual forge: a snapshot as old as its last fetch, on a disk that outlives processes.
 */
import type { Mirrors } from '@gatehouse/orchestrator/testing';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { FaultPoint } from './fault-point.ts';
import type { WorldState } from './world-state.ts';

export function mirrorsOf(state: WorldState, owner: Owner, atFaultPoint: FaultPoint): Mirrors {
  const { clock, prng, counters, history } = state;
  return {
    directory: () => 'mirror',
    broken: () => [],
    refresh: () =>
      atFaultPoint(owner, 'mirror.refresh', async () => {
        if (prng.below(4) === 0) await clock.sleep(prng.below(1_500), owner);
        if (prng.hits(state.faults.mirrorDownPpm)) {
          count(counters, 'mirror: unreachable');
          return { kind: 'unreachable', reason: 'the forge does not answer' };
        }
        state.mirror = Object.fromEntries(state.heads);
        return { kind: 'fresh', git: { gitDir: 'mirror' }, heads: state.mirror, broken: [] };
      }),
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
  };
}
