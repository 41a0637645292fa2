import { describe, expect, test } from '@jest/globals';
import {
  atRate,
  type Boundary,
  type BoundaryPlan,
  boundUpTo,
  planBoundary,
  tailBound,
  worstCase,
} from '../../src/certificate/boundary.ts';

const plan = (changes: Partial<BoundaryPlan> = {}): BoundaryPlan => ({
  alpha: 0.001,
  pairs: 5,
  spending: 'soon-then-late',
  afterwards: 0,
  givesUp: false,
  ...changes,
});

const PLANS: readonly BoundaryPlan[] = [
  ...[5, 6, 7, 8, 10, 12, 20].map((pairs) => plan({ pairs })),
  ...[1, 2, 3, 8].flatMap((suspects) =>
    [0, 2 ** -10 / suspects, 0.001 / suspects].map((afterwards) =>
      plan({ alpha: 0.001 / suspects, pairs: 30, spending: 'early', afterwards, givesUp: true }),
    ),
  ),
];
const RATES = Array.from({ length: 101 }, (_, at) => at / 100);

/** The same probability by writing out every history of pair ends; shares no code with the boundary. */
function enumerate(boundary: Boundary, rate: number): number {
  const walk = (pairs: number, contrary: number, branchFailed: boolean): number => {
    if (contrary <= (boundary.allowed[pairs] ?? -1)) return 1;
    const givenUp = boundary.givesUp && contrary > pairs / 2 + 1;
    if (pairs === boundary.pairs || givenUp) return branchFailed ? 0 : boundary.afterwards;
    let sum = 0;
    for (const branch of [true, false])
      for (const base of [true, false])
        sum +=
          (branch ? rate : 1 - rate) *
          (base ? rate : 1 - rate) *
          walk(pairs + 1, contrary + (branch ? 0 : 1) + (base ? 1 : 0), branchFailed || branch);
    return sum;
  };
  return walk(0, 0, false);
}

describe('a boundary', () => {
  test('needs five clean pairs for 0.001, and ten full runs hold exactly those', () => {
    expect(planBoundary(plan())).toMatchObject({ allowed: [-1, -1, -1, -1, -1, 0], bound: 2 ** -10 });
    expect(planBoundary(plan({ pairs: 4 })).allowed).toEqual([-1, -1, -1, -1, -1]);
  });

  test('convicts a clean suspect no later for a long horizon, and forgives failures of the base at its end', () => {
    const last = (pairs: number): number => planBoundary(plan({ pairs })).allowed.at(-1) ?? -1;
    expect([5, 6, 8, 10, 12, 15, 20].map(last)).toEqual([0, 0, 0, 1, 2, 3, 7]);
    for (const pairs of [5, 8, 20]) expect(planBoundary(plan({ pairs })).allowed.indexOf(0)).toBe(5);
  });

  test('never blames an innocent suspect with more than its share, at any rate, drifting or not', () => {
    for (const each of PLANS) {
      const boundary = planBoundary(each);
      expect(boundary.bound).toBeLessThanOrEqual(each.alpha);
      for (const rate of RATES) expect(atRate(boundary, rate)).toBeLessThanOrEqual(boundary.bound);
    }
  });

  test('has the probability that writing out every history gives', () => {
    for (const each of [
      plan({ pairs: 6 }),
      plan({ pairs: 7 }),
      plan({ pairs: 7, spending: 'early', afterwards: 0.0002, givesUp: true }),
    ]) {
      const boundary = planBoundary(each);
      for (const rate of [0, 0.1, 0.3, 0.5, 0.77, 1])
        expect(atRate(boundary, rate)).toBeCloseTo(enumerate(boundary, rate), 15);
    }
  });

  test('is the most that its share permits: one more forgiven at the end is too much', () => {
    for (const each of PLANS) {
      const { allowed } = planBoundary(each);
      // Where even a hopeless tally would do, giving up is what bounds the blame.
      if ((allowed.at(-1) ?? -1) > each.pairs / 2 + 1) continue;
      expect(worstCase(each, allowed.with(-1, (allowed.at(-1) ?? -1) + 1))).toBeGreaterThan(each.alpha);
    }
  });

  test('covers rates that change from pair to pair, which may be worse than any constant one', () => {
    expect(worstCase(plan({ pairs: 2, givesUp: false }), [-1, 0])).toBe(0.25);
    // After a clean pair a sure failure brings just the one that is forgiven: 1/4 + 1/2 · 1/4. At a constant one half: 5/16.
    expect(worstCase(plan({ pairs: 2 }), [-1, -1, 1])).toBe(0.375);
    expect(atRate({ ...plan({ pairs: 2 }), allowed: [-1, -1, 1], bound: 0.375 }, 0.5)).toBe(0.3125);
  });

  test('reaches its bound step by step', () => {
    const boundary = planBoundary(plan({ pairs: 12 }));
    const steps = boundary.allowed.map((_, pairs) => boundUpTo(boundary, pairs));
    expect([...steps].sort((a, b) => a - b)).toEqual(steps);
    expect(steps.at(-1)).toBe(boundary.bound);
  });
});

test('the tail at one half counts the ways to see so few contrary observations', () => {
  expect(tailBound({ pairs: 0, contrary: 0 })).toBe(1);
  expect(tailBound({ pairs: 5, contrary: 0 })).toBe(2 ** -10);
  expect(tailBound({ pairs: 12, contrary: 4 })).toBeCloseTo((1 + 24 + 276 + 2024 + 10626) / 2 ** 24, 15);
  expect(tailBound({ pairs: 3, contrary: 6 })).toBe(1);
});
