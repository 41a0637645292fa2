import { expect, test } from '@jest/globals';
import { createActiveClaims } from '../src/cancellation/active-claims.ts';
import { runsPort } from '../src/cancellation/clean-up.ts';
import type { ServiceContext } from '../src/context.ts';

const RUN = { id: '7', token: 1 };
const LIMITS = { graceMs: 1000, signal: new AbortController().signal };

/** Job 7 is held by another service now, under a later claim. */
function scene() {
  const runs = createActiveClaims();
  const store = { getJob: async () => ({ workerId: 'another' }) };
  return { runs, port: runsPort({ store, activeClaims: runs, workerId: 'mine' } as unknown as ServiceContext) };
}

test('a fenced run of this process that ends by itself just then is proven, not left behind', async () => {
  const { runs, port } = scene();
  const run = runs.open({ id: 7, token: 1, taskId: 't1' });
  const end = Promise.resolve(port.end(RUN, LIMITS));
  run.close();
  expect(await end).toEqual({ kind: 'ended', verified: true, leftovers: [] });
});

test('and so is one that ended before it was asked for', async () => {
  const { runs, port } = scene();
  runs.open({ id: 7, token: 1, taskId: 't1' }).close();
  expect(await port.end(RUN, LIMITS)).toEqual({ kind: 'ended', verified: true, leftovers: [] });
});

test('of a run of another process nothing is known', async () => {
  const { port } = scene();
  expect(await port.end(RUN, LIMITS)).toEqual({ kind: 'unknown' });
});
