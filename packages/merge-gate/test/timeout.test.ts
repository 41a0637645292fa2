import { fitDeadline } from '@gatehouse/gate-run';
import { resolveRetestTimeout } from '@gatehouse/merge-gate';
import { expect, test } from '@jest/globals';

// What it answers is tested where it lives: gate-run, fit-deadline.test.ts.
test.each([
  [{ timeoutMs: 900_000, reaperLimitMs: 2_700_000 }, 'accepted'],
  [{ timeoutMs: 2_640_000, graceMs: 0, reaperLimitMs: 2_700_000 }, 'clamped'],
  [{ timeoutMs: 900_000, reaperLimitMs: 62_500 }, 'impossible'],
  [{ timeoutMs: Number.NaN, reaperLimitMs: 2_700_000 }, 'clamped'],
])('the former name of fitDeadline answers as it does: %j is %s', (asked, kind) => {
  expect(resolveRetestTimeout(asked)).toMatchObject({ kind });
  expect(resolveRetestTimeout(asked)).toEqual(fitDeadline(asked));
});
