import { expect, test } from '@jest/globals';

// Threads start from built files, so this test does, too.
const { simulate } = (await import(
  new URL('../dist/campaign.js', import.meta.url).href
)) as typeof import('../src/campaign.ts');

/** A third, but where CI demands every tool all of them. */
const LIFETIMES = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? 150 : 50;

test('two threads find what one thread finds', async () => {
  const options = { seed: 11, lifetimes: LIFETIMES, digest: true };
  const threaded = await simulate({ ...options, threads: 2 });
  expect(threaded).toEqual(await simulate(options));
  expect(threaded.lifetimes).toBeGreaterThanOrEqual(LIFETIMES);
});
