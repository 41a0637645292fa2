/** The laboratory in small: every kind of cell exactly, some of them simulated. All of it: soak/flake-lab.mjs. */
import { describe, expect, test } from '@jest/globals';
import { BRANCHES, type Cell, enumerate, faultsOf, NAMINGS, RATES, simulate } from './flake-lab.ts';

const cell = (changes: Partial<Cell>): Cell => ({
  rate: 0.1,
  branch: 'guilty',
  naming: 'rerunnable',
  polluted: false,
  flakes: 1,
  ...changes,
});
const exactly = (changes: Partial<Cell>): ReturnType<typeof enumerate> => enumerate(cell(changes));

describe('beside flaky suites', () => {
  test('an innocent branch is blamed in at most one verdict of a thousand, at the worst rate too', () => {
    for (const naming of NAMINGS)
      for (const polluted of [false, true])
        for (const branch of ['innocent', 'mending'] as const)
          for (const rate of RATES) {
            const { falseBlame, bound } = exactly({ naming, polluted, branch, rate });
            expect(falseBlame).toBeLessThanOrEqual(0.001);
            expect(falseBlame).toBeLessThanOrEqual(bound);
          }
    // The worst case is met: the bound gives nothing away.
    expect(exactly({ naming: 'unnamed', branch: 'innocent', rate: 0.5 }).falseBlame).toBeCloseTo(2 ** -10, 12);
  });

  test('a guilty branch whose tests can be rerun alone is convicted after three full runs, in 99 of 100 verdicts at one flake in ten', () => {
    for (const branch of ['guilty', 'guilty-of-the-flaky', 'mending-and-breaking'] as const)
      for (const rate of [0.01, 0.1]) {
        const { convicted, fullRuns } = exactly({ branch, rate });
        expect(convicted).toBeGreaterThanOrEqual(0.99);
        expect(fullRuns).toBeLessThan(3.01);
      }
  });

  test('where runs have no names ten full runs convict what arithmetic permits, and four asks convict', () => {
    expect(exactly({ naming: 'unnamed' }).convicted).toBeCloseTo(0.9 ** 5, 12);
    expect(exactly({ naming: 'unnamed', rate: 0.01 }).convicted).toBeCloseTo(0.99 ** 5, 12);
    for (const branch of ['guilty', 'guilty-of-the-flaky'] as const) {
      const { convicted, fullRuns } = exactly({ naming: 'unnamed', branch, asks: 4 });
      expect(convicted).toBeGreaterThanOrEqual(0.99);
      expect(fullRuns).toBeLessThan(20);
    }
    const worst = exactly({ naming: 'unnamed', branch: 'innocent', rate: 0.5, asks: 4 });
    expect(worst.falseBlame).toBeLessThanOrEqual(0.001);
  });

  test('names that cannot be rerun alone convict in four asks of ten runs too, the branch that mends another test as well', () => {
    for (const changes of [{ naming: 'named' }, { naming: 'rerunnable', polluted: true }] as const)
      for (const branch of ['guilty', 'guilty-of-the-flaky', 'mending-and-breaking'] as const)
        expect(exactly({ ...changes, branch, asks: 4 }).convicted).toBeGreaterThanOrEqual(0.99);
    for (const branch of ['innocent', 'mending'] as const)
      expect(exactly({ naming: 'named', branch, rate: 0.5, asks: 4 }).falseBlame).toBeLessThanOrEqual(0.001);
  });

  test('names that cannot be rerun alone, or fail only after another test, take fourteen full runs', () => {
    const options = { fullRuns: 14 };
    for (const changes of [{ naming: 'named' }, { naming: 'rerunnable', polluted: true }] as const)
      for (const branch of ['guilty', 'mending-and-breaking'] as const)
        expect(exactly({ ...changes, branch, options }).convicted).toBeGreaterThanOrEqual(0.99);
    const polluted = { naming: 'rerunnable', polluted: true, branch: 'innocent', rate: 0.5, options } as const;
    expect(exactly(polluted).falseBlame).toBeLessThan(0.001);
  });
});

test('the reducer, simulated, does what the enumeration says', () => {
  const verdicts = 150;
  let seed = 1;
  for (const branch of BRANCHES)
    for (const naming of NAMINGS) {
      const one = cell({ branch, naming, rate: 0.3 });
      const simulated = simulate(one, { verdicts, seed });
      expect([one, faultsOf(one, { exact: enumerate(one), simulated, verdicts })]).toEqual([one, []]);
      seed += verdicts;
    }
});

test('the laboratory sees a certificate that blames too much', () => {
  const loose = cell({ branch: 'innocent', naming: 'unnamed', rate: 0.5, options: { alpha: 0.3 } });
  const { falseBlame } = enumerate(loose);
  expect(falseBlame).toBeGreaterThan(0.001);
  const strict = { ...loose, options: { alpha: 0.001 } };
  const results = { exact: enumerate(loose), simulated: simulate(loose, { verdicts: 200, seed: 1 }), verdicts: 200 };
  expect(faultsOf(strict, results).join()).toMatch(/^false blame .*simulated false blame/);
});
