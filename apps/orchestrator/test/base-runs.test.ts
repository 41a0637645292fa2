import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBaseRunQueue } from '@gatehouse/merge-gate';
import { expect, test } from '@jest/globals';
import type { JobToken, Store } from '../src/store/port/index.ts';
import { withHeartbeat } from '../src/worker/base-run-queue.ts';
import { atRest, enqueue, register, serviceOn } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

test('red branches of one main have runs of main of their own, one branch at a time', async () => {
  const folder = scratchFolder();
  // A branch whose runs of main lay beside another's would find the folder.
  const alone = `mkdir "${folder}/inside" || echo beside >> "${folder}/main-runs"; rmdir "${folder}/inside"`;
  const count = `[ -e broken ] || { echo run >> "${folder}/main-runs"; ${alone}; }\n`;
  const forge = await Forge.make({ ...PROJECT, 'check.sh': `${count}${PROJECT['check.sh']}` }, folder);
  const names = ['feature/R-1', 'feature/R-2'];
  for (const branch of names) forge.push({ branch, from: 'main' }, { broken: branch });
  const service = await serviceOn(join(folder, 'data'), { ORCH_MAX_GATE_RUNS: '2' });
  await register(service, forge.path);
  const ids = await Promise.all(names.map((branch) => enqueue(service, branch)));
  for (const id of ids)
    expect(await atRest(service, id)).toMatchObject({
      status: 'blocked',
      reason: expect.stringContaining('red twice'),
    });
  expect(readFileSync(join(folder, 'main-runs'), 'utf8')).toBe('run\n'.repeat(10));
  const runs = await service.context.store.commandRuns({ repoId: 'app' });
  expect(runs.filter(({ purpose }) => purpose === 'base')).toHaveLength(10);
});

test('a claim in the queue keeps its place when the store cannot be written, and its turn is not lost', async () => {
  const baseRuns = createBaseRunQueue();
  const renewed: JobToken[] = [];
  const heartbeat = async (job: JobToken) => {
    renewed.push(job);
    throw new Error('the disk is full');
  };
  const queue = withHeartbeat(
    { baseRuns, store: { heartbeat } as unknown as Store, now: () => 0 },
    { jobId: 1, token: 1 },
  );
  const first = await queue.acquire({ repo: 'app' });
  const second = queue.acquire({ repo: 'app' });
  if (first.kind === 'yours') first.end();
  expect(await second).toMatchObject({ kind: 'yours' });
  expect(renewed).toHaveLength(2);
});
