import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { ServiceContext } from '../src/context.ts';
import { forgeChooser } from '../src/forges/choose.ts';
import type { RunningService } from '../src/running-service.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { waitsForMain, watchEnvironment } from '../src/worker/main-watcher.ts';
import { mirrorsIn } from '../src/workspace/mirrors.ts';
import { atRest, enqueue, register, serviceOn, stopService, taskOf, until } from './live-gatehouse.ts';
import { type Change, Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

const BRANCHES = ['one', 'two', 'three'];

/** A main that is red for as long as a file outside of it is there. */
const sickly = (folder: string): Change => ({
  ...PROJECT,
  'check.sh': `if [ -e "${folder}/sick" ]; then echo "sick" >&2; exit 1; fi\n${PROJECT['check.sh']}`,
});

async function allWaiting(folder: string) {
  writeFileSync(join(folder, 'sick'), '');
  const forge = await Forge.make(sickly(folder), folder);
  for (const branch of BRANCHES) forge.push({ branch, from: 'main' }, { [`${branch}.txt`]: branch });
  const service = await serviceOn(join(folder, 'data'), { ORCH_MAX_GATE_RUNS: '3' });
  await register(service, forge.path);
  const ids = [];
  for (const branch of BRANCHES) ids.push(await enqueue(service, branch));
  for (const id of ids) await untilWaiting(service, id);
  return { forge, service, ids };
}

const untilWaiting = (service: RunningService, id: string) =>
  until(
    `${id} waits for main`,
    async () => (await service.context.store.getTask(id))?.state.waiting?.cause === 'main-broken',
  );
const runsFor = async ({ context }: RunningService, purpose: string) =>
  (await context.store.commandRuns({ repoId: 'app' })).filter((run) => run.purpose === purpose);
const probesOf = async ({ context }: RunningService) =>
  (await context.store.listJobs({ repoId: 'app' })).filter(({ kind }) => kind === 'probe');

/** A quarter of an hour goes by for the task: its timer is due. */
async function timerOf({ context }: RunningService, taskId: string): Promise<void> {
  const atMs = (await context.store.getTask(taskId))?.timerDueAt ?? 0;
  const event = { kind: 'woken', why: 'timer', atMs } as const;
  await context.store.applyEvent({ taskId, event, engine: context.engine });
}

/** Until the probe that was ordered is due: the timers came before their time. */
async function timePasses({ context }: RunningService): Promise<void> {
  const ask = {
    workerId: context.workerId,
    kinds: ['probe'],
    leaseMs: 60_000,
    limits: { agents: 0, gateRuns: 9 },
  } as const;
  const job = await context.store.claimJob({ ...ask, nowMs: Date.now() + 3_600_000 });
  if (job === null) throw new Error('no probe was ordered');
  await context.store.releaseJob({ jobId: job.id, token: job.token }, { atMs: 0, delayMs: 0 });
  context.wakeup.notify();
}

test('tasks that wait for a red main cost the three runs that show it and one alert, and all land when a probe finds it well', async () => {
  const folder = scratchFolder();
  const { service: first, ids } = await allWaiting(folder);
  expect((await runsFor(first, 'base')).map(({ outcome }) => outcome)).toEqual(['red', 'red', 'red']);
  // One that is still at work would do for the timers, too.
  await until('no probe of main is left', async () => (await probesOf(first)).every(({ state }) => state === 'done'));
  for (const id of ids) await timerOf(first, id);
  const ordered = (await probesOf(first)).filter(({ state }) => state === 'ready');
  expect(ordered).toMatchObject([{ step: 'probe-test', taskId: null }]);
  await timePasses(first);
  await until('the probe is over', async () => (await probesOf(first)).every(({ state }) => state === 'done'));
  expect(await runsFor(first, 'probe')).toEqual([]);
  await stopService(first);
  expect(alertsIn(folder)).toHaveLength(1);

  // The result of main is lost with the process; a service that starts runs main once.
  const second = await serviceOn(join(folder, 'data'));
  await until('main is asked', async () => (await runsFor(second, 'probe')).length > 0);
  await until('the probe is over', async () => (await probesOf(second)).every(({ state }) => state !== 'leased'));
  expect(await runsFor(second, 'probe')).toMatchObject([{ outcome: 'red', taskId: null }]);
  for (const id of ids) expect(await taskOf(second, id)).toMatchObject({ status: 'waiting' });
  expect((await runsFor(second, 'branch')).length).toBe(BRANCHES.length);
  await stopService(second);

  rmSync(join(folder, 'sick'));
  const third = await serviceOn(join(folder, 'data'));
  for (const id of ids) expect(await atRest(third, id)).toMatchObject({ stage: 'done' });
});

testWhole(
  'a main that moved while the service was down wakes them, and a new red main is reported once more',
  async () => {
    const folder = scratchFolder();
    const { forge, service: first, ids } = await allWaiting(folder);
    await stopService(first);
    forge.push({ branch: 'main' }, { 'red-again.txt': '' });
    const second = await serviceOn(join(folder, 'data'));
    await until('a task was judged on the new main', async () =>
      (await second.context.store.listTasks({ repoId: 'app' })).some(({ baseSha }) => baseSha === forge.head('main')),
    );
    for (const id of ids) await untilWaiting(second, id);
    await stopService(second);
    expect(alertsIn(folder).length).toBe(2);
    forge.push({ branch: 'main' }, { 'check.sh': PROJECT['check.sh'] ?? '' });
    const third = await serviceOn(join(folder, 'data'));
    for (const id of ids) expect(await atRest(third, id)).toMatchObject({ stage: 'done' });
  },
);

testWhole(
  'a changed environment wakes them, an unchanged one does not, and nothing is read while no task waits',
  async () => {
    const folder = scratchFolder();
    const { service, ids } = await allWaiting(folder);
    const { context: real } = service;
    await stopService(service);
    const opened = openSqliteStore(join(folder, 'data', 'gatehouse.db'));
    if (opened.kind !== 'opened') throw opened.trouble;
    let [digest, nowMs, reads] = ['node 1', Date.now(), 0];
    const environmentOf = async () => {
      reads += 1;
      return digest;
    };
    const mirrors = mirrorsIn(join(folder, 'data', 'mirrors'), forgeChooser(new Map()));
    const context: ServiceContext = { ...real, store: opened.store, mirrors, environmentOf, now: () => nowMs };
    const repo = await context.store.getRepo('app');
    const mirror = repo === null ? null : await context.mirrors.refresh(repo);
    if (repo === null || mirror?.kind !== 'fresh') throw new Error('no mirror');
    const seen = new Map();
    const stillWaiting = async () => {
      const isWaitedFor = (await context.store.listTasks()).some(waitsForMain);
      await watchEnvironment(context, { repo, mirror, isWaitedFor }, seen);
      nowMs += 60_000;
      return (await context.store.listTasks({ status: 'waiting' })).length;
    };
    expect(await stillWaiting()).toBe(ids.length);
    expect(await stillWaiting()).toBe(ids.length);
    digest = 'node 2';
    expect(await stillWaiting()).toBe(0);
    expect([await stillWaiting(), reads]).toEqual([0, 3]);
    await context.store.close();
  },
);

/** Keys of the alerts about a red main, delivered or not. */
function alertsIn(folder: string): readonly string[] {
  const file = new Database(join(folder, 'data', 'gatehouse.db'), { readonly: true });
  const keys = file.prepare(`SELECT dedupe_key FROM outbox WHERE kind = 'alert' AND dedupe_key LIKE '%main-broken/%'`);
  const found = keys.pluck().all() as string[];
  file.close();
  return found;
}
