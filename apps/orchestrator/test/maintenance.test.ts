import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ServiceContext } from '../src/context.ts';
import { silentLog } from '../src/platform/logger.ts';
import { processesNaming } from '../src/platform/processes.ts';
import { runMaintenance } from '../src/worker/maintenance.ts';
import { atRest, enqueue, register, serviceOn, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const DAY_MS = 86_400_000;
const { signal } = new AbortController();

describe('housekeeping', () => {
  test('what an ended task left goes after the retention, and not a day earlier; the task itself stays', async () => {
    const forge = await Forge.make(PROJECT);
    forge.push({ branch: 'good', from: forge.head('main') }, { 'a.txt': 'a' });
    forge.push({ branch: 'bad', from: forge.head('main') }, { broken: '' });
    const service = await serviceOn(join(scratchFolder(), 'data'), { ORCH_RETENTION_DAYS: '2' });
    await register(service, forge.path);
    const [good, bad] = [await enqueue(service, 'good'), await enqueue(service, 'bad')];
    await atRest(service, good);
    await atRest(service, bad);
    const { context } = service;
    const reports = (id: string) => join(context.dataDir, 'reports', id);
    const later = (days: number): ServiceContext => ({ ...context, now: () => Date.now() + days * DAY_MS });

    await runMaintenance(later(1), signal);
    expect(readdirSync(reports(good)).length).toBeGreaterThan(0);
    expect(await context.store.gateRuns({ taskId: good })).not.toEqual([]);

    await runMaintenance(later(3), signal);
    expect(existsSync(reports(good))).toBe(false);
    expect(await context.store.gateRuns({ taskId: good })).toEqual([]);
    expect(await context.store.getTask(good)).toMatchObject({ stage: 'done' });
    // A blocked task is not over: a person still wants to know why.
    expect(readdirSync(reports(bad)).length).toBeGreaterThan(0);
    expect(await context.store.gateRuns({ taskId: bad })).not.toEqual([]);
    expect(await context.store.listLeases()).toEqual([]);
  });

  test('the logs of a probe of main, and what happened to a repository, go with the probe after the retention', async () => {
    const service = await serviceOn(join(scratchFolder(), 'data'), { ORCH_RETENTION_DAYS: '2' });
    await register(service, (await Forge.make(PROJECT)).path);
    const { context } = service;
    const { store, workspaces, dataDir } = context;
    const left = async () => [
      readdirSync(join(dataDir, 'reports', 'app')).length,
      (await store.events({ afterSeq: 0, limit: 100 })).filter(({ taskId }) => taskId === null).length,
    ];
    await store.updateRepo('app', { paused: false }, { actor: 'a', atMs: context.now() });
    const limits = { agents: 0, gateRuns: 9 };
    await store.addProbe({ repoId: 'app', step: 'check_branch_mergeable', delayMs: DAY_MS, atMs: context.now() });
    const asked = { workerId: 'w', nowMs: context.now() + DAY_MS, leaseMs: 1000, limits };
    const probe = await store.claimJob({ ...asked, kinds: ['probe'] });
    if (probe === null) throw new Error('no probe');
    await workspaces.create(probe);
    await store.finishJob({ jobId: probe.id, token: probe.token }, { state: 'done', atMs: context.now() });
    const later = (days: number): ServiceContext => ({ ...context, now: () => Date.now() + days * DAY_MS });

    await runMaintenance(later(1), signal);
    expect(await left()).toEqual([1, 1]);
    await runMaintenance(later(3), signal);
    expect(await left()).toEqual([0, 0]);
  });

  test('a store that fails in the middle keeps no task from landing', async () => {
    const forge = await Forge.make(PROJECT);
    const { context, ...service } = await serviceOn(join(scratchFolder(), 'data'));
    await register({ context, ...service }, forge.path);
    const { store } = context;
    const failing: ServiceContext['store'] = {
      ...store,
      listTasks: (filter = {}) =>
        filter.live === true ? Promise.reject(new Error('the disk answered an error')) : store.listTasks(filter),
    };
    await expect(runMaintenance({ ...context, store: failing }, signal)).rejects.toThrow('the disk answered an error');
    expect(await store.currentLease('app')).toBeNull();
  });

  test('a stop does not wait for a mirror that is being made smaller, and leaves neither git nor the lease behind', async () => {
    const forge = await Forge.make(PROJECT);
    const warned: string[] = [];
    const log = { ...silentLog, warn: (text: string) => warned.push(text) };
    const service = await serviceOn(join(scratchFolder(), 'data'), { ORCH_POLL_S: '3600' }, log);
    // What a start says of switches.
    warned.splice(0);
    const { context } = service;
    await register(service, forge.path);
    const mirror = context.mirrors.directory('app');
    await context.mirrors.refresh({ id: 'app', url: forge.path, forge: 'local', main: 'main' });
    rmSync(join(mirror, 'packed-refs'), { force: true });
    execFileSync('mkfifo', [join(mirror, 'packed-refs')]);
    const stopping = new AbortController();
    const kept = runMaintenance(context, stopping.signal);
    await until('git waits for its refs', async () => ((await processesNaming(mirror)) ?? []).length > 0);
    stopping.abort(new Error('the service is stopping'));
    await kept;
    expect(await processesNaming(mirror)).toEqual([]);
    expect(await context.store.listLeases()).toEqual([]);
    expect(warned).toEqual([]);
  });

  test('a mirror is left alone while a task holds the merge lease', async () => {
    const forge = await Forge.make(PROJECT);
    const service = await serviceOn(join(scratchFolder(), 'data'));
    await register(service, forge.path);
    const { store } = service.context;
    const lease = { repoId: 'app', holder: 'somebody', attempt: 1, atMs: Date.now(), ttlMs: 60_000 };
    await store.acquireLease(lease);
    await runMaintenance(service.context, signal);
    expect(await store.listLeases()).toMatchObject([{ holder: 'somebody', token: 1 }]);
  });
});
