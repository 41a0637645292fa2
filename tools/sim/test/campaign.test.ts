import { expect, test } from '@jest/globals';
import { simulate } from '../src/campaign.ts';

/** A third, but where CI demands every tool all of them. */
const LIFETIMES = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? 600 : 200;

test('some hundred lifetimes under every fault end without a violation', async () => {
  const progress: number[] = [];
  const report = await simulate({
    seed: 20,
    lifetimes: LIFETIMES,
    onProgress: ({ lifetimes }) => progress.push(lifetimes),
  });
  expect(report.violations).toEqual([]);
  expect(progress.length).toBeGreaterThan(1);
  expect(progress).toEqual(progress.toSorted((one, other) => one - other));
  expect(progress.at(-1)).toBe(report.lifetimes);
  expect(report.lifetimes).toBeGreaterThanOrEqual(LIFETIMES);
  expect(report.fired['landed']).toBeGreaterThan(LIFETIMES / 2);
});

test('the same seed lives the same lives, bit for bit, and another one does not', async () => {
  const digestOf = async (seed: number) => (await simulate({ seed, lifetimes: 60, digest: true })).digest;
  const first = await digestOf(7);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await digestOf(7)).toBe(first);
  expect(await digestOf(8)).not.toBe(first);
});

test('one world of a campaign is lived again by its number, and reports what happens', async () => {
  const lines: string[] = [];
  const alone = await simulate({ seed: 7, lifetimes: 1, world: 3, onLine: (line) => lines.push(line), digest: true });
  expect(alone.worlds).toBe(1);
  expect(lines.some((line) => line.includes('enqueued'))).toBe(true);
  const silent = await simulate({ seed: 7, lifetimes: 1, world: 3, digest: true });
  expect(silent.digest).toBe(alone.digest);
});
