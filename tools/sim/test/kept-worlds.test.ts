import { describe, expect, test } from '@jest/globals';
import { simulate } from '../src/index.ts';

/** Worlds in which something was wrong once, by what it was. A world is bound to the simulator that drew it. */
const KEPT: readonly (readonly [was: string, seed: number, world: number])[] = [
  ['a landing that was frozen was made by a service that had been stopped on its way', 20261122, 4980],
  ['the same, without a stop of the task', 60221, 4717],
  ['a watch pass of a stopped service took the tested commit away from a task that was landing', 20261128, 7041],
  ['a branch that turned up between two gates landed past the first of them', 11, 3],
  ['git could not compare a commit with the deployed one, and it went live behind it', 301130, 3492],
  ['what somebody else had landed was noticed late, and went live behind what contains it', 301134, 2380],
  [
    'a forge told a superseded service that a check was queued again, after another had begun to land on green',
    301130,
    7091,
  ],
  ['a forge that did not answer eight times was never told that a pull request had landed', 113011, 1197],
  ['the same, after more deaths of the service', 113011, 1453],
];

describe('a world that was broken once', () => {
  test.each(KEPT)('is whole: %s', async (_was, seed, world) => {
    const report = await simulate({ seed, lifetimes: 1, world });
    expect(report.violations).toEqual([]);
    expect(report.lifetimes).toBeGreaterThan(0);
  });
});
