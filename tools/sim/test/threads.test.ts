import { expect, test } from '@jest/globals';

// Threads start from built files, so this test does, too.
const { simulate } = (await import(
  new URL('../dist/campaign.js', import.meta.url).href
)) as typeof import('../src/campaign.ts');

test('two threads find what one thread finds', async () => {
  const asked = { seed: 11, lifetimes: 150, digest: true };
  const threaded = await simulate({ ...asked, threads: 2 });
  expect(threaded).toEqual(await simulate(asked));
  expect(threaded.lifetimes).toBeGreaterThanOrEqual(150);
});
