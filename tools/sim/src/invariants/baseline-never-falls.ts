import type { Invariant } from './invariant.ts';

export const baselineNeverFalls: Invariant = {
  name: 'baseline-never-falls',
  says: 'The best landed coverage and its sequence never fall, unless an override is on record.',
  reads: ['baselines'],
  check: (after, before) =>
    before.baselines.flatMap((was) => {
      const is = after.baselines.find(({ key }) => key === was.key);
      if (is === undefined || is.seq < was.seq) return [`the baseline ${was.key} went back before seq ${was.seq}`];
      if (is.overridden) return [];
      if (is.seq === was.seq && (is.covered !== was.covered || is.total !== was.total))
        return [`the baseline ${was.key} changed under seq ${was.seq}`];
      return is.covered * was.total < was.covered * is.total
        ? [`the mark fell from ${was.covered}/${was.total} to ${is.covered}/${is.total}`]
        : [];
    }),
};
