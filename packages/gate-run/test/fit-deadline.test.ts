import { fitDeadline } from '@gatehouse/gate-run';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

const REAPER = { reaperLimitMs: 2_700_000 };

test('a deadline that fits under the reaper is taken as it is', () => {
  const asked = { timeoutMs: 900_000, setupTimeoutMs: 600_000, graceMs: 10_000, ...REAPER };
  expect(fitDeadline(asked)).toEqual({
    kind: 'accepted',
    timeoutMs: 900_000,
    setupTimeoutMs: 600_000,
    graceMs: 10_000,
  });
});

test('setup + timeout + grace + 60 s stays strictly under the limit: the timeout gives way and it is said', () => {
  const answer = fitDeadline({ timeoutMs: 2_640_000, graceMs: 0, ...REAPER });
  expect(answer).toMatchObject({ kind: 'clamped', timeoutMs: 2_639_999, reason: expect.stringContaining('2639999') });
});

test('a limit that leaves no useful deadline is impossible, not a deadline of nothing', () => {
  expect(fitDeadline({ timeoutMs: 900_000, reaperLimitMs: 62_500 })).toMatchObject({ kind: 'impossible' });
  expect(fitDeadline({ timeoutMs: 900_000, reaperLimitMs: Number.NaN })).toMatchObject({ kind: 'impossible' });
});

test('with validation switched off durations are taken as they are', () => {
  const answer = fitDeadline({ timeoutMs: 9_000_000, validate: false, ...REAPER });
  expect(answer).toMatchObject({ kind: 'accepted', timeoutMs: 9_000_000 });
});

test('what is not a duration becomes the default and is said, switch or no switch', () => {
  for (const timeoutMs of [Number.NaN, -1, 0, '900' as unknown as number, Number.POSITIVE_INFINITY]) {
    for (const validate of [true, false]) {
      const answer = fitDeadline({ timeoutMs, validate, ...REAPER });
      expect(answer.kind).toBe('clamped');
      if (answer.kind === 'clamped') expect(answer.timeoutMs).toBeGreaterThan(0);
    }
  }
});

test('whatever is asked, a validated answer fits under the reaper', () => {
  const ms = fc.oneof(fc.integer({ min: -5, max: 4_000_000 }), fc.double());
  fc.assert(
    fc.property(
      ms,
      ms,
      ms,
      fc.integer({ min: 1, max: 4_000_000 }),
      (timeoutMs, setupTimeoutMs, graceMs, reaperLimitMs) => {
        const answer = fitDeadline({ timeoutMs, setupTimeoutMs, graceMs, reaperLimitMs });
        if (answer.kind === 'impossible') return true;
        return (
          answer.timeoutMs > 0 && answer.setupTimeoutMs + answer.timeoutMs + answer.graceMs + 60_000 < reaperLimitMs
        );
      },
    ),
  );
});
