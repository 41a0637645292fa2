/** A check whose earlier pass still counts runs nothing: it says the same again, and leaves nothing on the disk. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { atRest, enqueue, register, serviceOn, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

test('a security pass is reused when the merge check begins anew, and its slot goes with the job', async () => {
  const folder = scratchFolder();
  const data = join(folder, 'data');
  const slow = 'version: 1\ntest: { command: sleep 600, timeout: 1s }\n';
  const forge = await Forge.make({ ...PROJECT, 'gatehouse.yaml': slow }, folder);
  forge.push({ branch: 'slow', from: 'main' }, { 'a.txt': 'a' });
  const service = await serviceOn(data, { ORCH_MERGE_INFRA_BACKOFF_S: '0.1', ORCH_MERGE_INFRA_RETRY_MAX: '1' });
  await register(service, forge.path);
  const id = await enqueue(service, 'slow');
  expect(await atRest(service, id)).toMatchObject({ status: 'blocked', reason: expect.stringContaining('infra') });
  const scans = await service.context.store.gateRuns({ taskId: id, check: 'check_security_gate' });
  expect(scans.map(({ status }) => status)).toEqual(['pass', 'pass']);
  expect(scans[0]?.jobId).not.toBe(scans[1]?.jobId);
  const left = () => readdirSync(join(data, 'slots', 'app'));
  await until('every slot is gone', async () => left().length === 0);
});
