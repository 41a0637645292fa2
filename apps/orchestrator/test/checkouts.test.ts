import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Job } from '../src/store/port/index.ts';
import { checkoutPath, removeStaleCheckouts } from '../src/workspace/checkouts.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-checkouts-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test('the HOME of a dead claim goes with its checkout, and also when the checkout is gone already; a live one stays', async () => {
  const live = checkoutPath(dataDir, 'app', { jobId: 3, token: 1 });
  const dead = checkoutPath(dataDir, 'app', { jobId: 2, token: 1 });
  const slots = join(live, '..');
  for (const path of [live, dead]) mkdirSync(path, { recursive: true });
  for (const name of ['3-1-aaaaaa', '2-1-bbbbbb', '1-7-cccccc'])
    mkdirSync(join(slots, `gatehouse-home-${name}/x`), { recursive: true });
  const getJob = async (id: number) => (id === 3 ? ({ id, token: 1, state: 'leased' } as Job) : null);
  await removeStaleCheckouts(dataDir, { getJob }, 'app');
  expect(readdirSync(slots).sort()).toEqual(['3-1', 'gatehouse-home-3-1-aaaaaa']);
});
