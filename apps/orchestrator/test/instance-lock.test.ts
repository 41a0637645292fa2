import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ownIdentity } from '@gatehouse/proc-group';
import { describe, expect, test } from '@jest/globals';
import { silentLog } from '../src/platform/logger.ts';
import { startService } from '../src/running-service.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { serviceOn, settingsFrom, stopService } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';

const start = (dataDir: string) => startService(settingsFrom({ ORCH_DATA_DIR: dataDir, ORCH_PORT: '0' }), silentLog);

describe('one service per data directory', () => {
  test('a second one is refused with the next step, and the first is not disturbed', async () => {
    const dataDir = join(scratchFolder(), 'data');
    const first = await serviceOn(dataDir);
    const second = await start(dataDir);
    expect(second).toMatchObject({ kind: 'not-started', problem: expect.stringContaining('set ORCH_DATA_DIR') });
    expect((await first.context.store.listWorkers()).map(({ id }) => id)).toEqual([first.context.workerId]);
  });

  test('one that ended leaves the place free', async () => {
    const dataDir = join(scratchFolder(), 'data');
    await stopService(await serviceOn(dataDir));
    const next = await serviceOn(dataDir);
    expect((await next.context.store.listWorkers()).map(({ id }) => id)).toEqual([next.context.workerId]);
  });

  test('one that was killed is known to be dead, and is not waited for', async () => {
    const dataDir = join(scratchFolder(), 'data');
    const first = await serviceOn(dataDir);
    await stopService(first);
    const child = spawn('true');
    await once(child, 'exit');
    const opened = openSqliteStore(join(dataDir, 'gatehouse.db'));
    if (opened.kind !== 'opened') throw new Error('not opened');
    const { scope, startTime } = ownIdentity();
    const dead = { id: 'dead', host: scope, pid: child.pid ?? 0, startTime, version: '0.1.0' };
    await opened.store.heartbeatWorker({ ...dead, startedAt: Date.now(), heartbeatAt: Date.now() });
    await opened.store.close();
    const again = await serviceOn(dataDir);
    expect((await again.context.store.listWorkers()).map(({ id }) => id)).toEqual([again.context.workerId]);
  });
});
