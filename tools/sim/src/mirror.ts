/** The service's mirror of the virtual forge: a snapshot as old as its last fetch, on a disk that outlives processes. */
import type { Mirrors } from '@gatehouse/orchestrator/testing';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { Cross } from './fault-point.ts';
import type { Land } from './world-state.ts';

export function mirrorsOf(land: Land, owner: Owner, cross: Cross): Mirrors {
  const { clock, dice, tally, history } = land;
  return {
    directory: () => 'mirror',
    broken: () => [],
    refresh: () =>
      cross(owner, 'mirror.refresh', async () => {
        if (dice.below(4) === 0) await clock.sleep(dice.below(1_500), owner);
        if (dice.hits(land.weather.mirrorDownPpm)) {
          count(tally, 'mirror: unreachable');
          return { kind: 'unreachable', reason: 'the forge does not answer' };
        }
        land.mirror = Object.fromEntries(land.heads);
        return { kind: 'fresh', git: { gitDir: 'mirror' }, heads: land.mirror, broken: [] };
      }),
    keep: () =>
      cross(owner, 'mirror.keep', async () => {
        if (!dice.hits(land.weather.mirrorDownPpm)) return { kind: 'done' };
        count(tally, 'mirror: a head cannot be kept');
        return { kind: 'failed', reason: 'the disk of the mirror is full' };
      }),
    shrink: () => cross(owner, 'mirror.shrink', async () => null),
    contains: (_repo, { commit, head }) =>
      cross(owner, 'mirror.contains', async () => {
        if (dice.hits(land.weather.mirrorUnsurePpm)) {
          count(tally, 'mirror: cannot compare');
          return 'unknown';
        }
        return history.contains(head, commit) ? 'yes' : 'no';
      }),
  };
}
