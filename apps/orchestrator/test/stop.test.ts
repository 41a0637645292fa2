import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Cancellations, createCancellations } from '../src/cancellation/cancellations.ts';
import { composeService } from '../src/compose.ts';
import { silentLog } from '../src/platform/logger.ts';
import { processesNaming } from '../src/platform/processes.ts';
import type { RunningService } from '../src/running-service.ts';
import { acquireInstanceLock } from '../src/worker/instance-lock.ts';
import { startWorker } from '../src/worker/worker.ts';
import {
  ask,
  atRest,
  enqueue,
  ownToken,
  register,
  type ShownTask,
  serviceOn,
  settingsFrom,
  stopService,
  taskOf,
  until,
} from './live-gatehouse.ts';
import { cli, Room } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

/** Four processes that ignore every polite signal: a child, one forked twice, one in a session of its own, the test itself. */
function stubborn(folder: string): string {
  const stay = `trap "" TERM INT HUP; while [ ! -e "${folder}/hold.go" ]; do sleep 0.05; done`;
  return [
    `[ -e "${folder}/hold.go" ] && exit 0`,
    `trap '' TERM INT HUP`,
    `sh -c '${stay}' child & (sh -c '${stay}' grandchild >/dev/null 2>&1 &)`,
    `if command -v setsid >/dev/null; then setsid sh -c '${stay}' session >/dev/null 2>&1 & else sh -c '${stay}' session & fi`,
    `echo begun >> "${folder}/hold.begun"`,
    `sh -c '${stay}' test`,
    '',
  ].join('\n');
}
const ofTest = (folder: string) => processesNaming(`${folder}/hold.go`);
const begun = (folder: string): boolean => existsSync(join(folder, 'hold.begun'));
const letGo = (folder: string): void => writeFileSync(join(folder, 'hold.go'), '');

interface Stopped {
  readonly outcome: string;
  readonly task: ShownTask;
}
async function stop(service: RunningService, id: string, body: object = { reason: 'not wanted any more' }) {
  const response = await ask(service, `/tasks/${id}/stop`, { body });
  return { status: response.status, ...(response.json as Stopped) };
}
const settled = (service: RunningService, id: string): Promise<ShownTask> =>
  until(`${id} is settled`, async () => {
    const task = await taskOf(service, id);
    return task.settled_at !== null && task;
  });
const stopBlock = async (service: RunningService) =>
  ((await ask(service, '/queue')).json as { stop: Record<string, unknown> }).stop;

describe('a task whose test forks, hides and ignores every polite signal', () => {
  async function midRun(environment: Record<string, string> = {}) {
    const folder = scratchFolder();
    const forge = await Forge.make({ ...PROJECT, 'check.sh': stubborn(folder) }, folder);
    const main = forge.head('main');
    const head = forge.push({ branch: 'feature/A-1-wild', from: 'main' }, { 'a.txt': 'a\n' });
    const service = await serviceOn(join(folder, 'data'), environment);
    await register(service, forge.path);
    const id = await enqueue(service, 'feature/A-1-wild');
    await until('all of it runs', async () => begun(folder) && ((await ofTest(folder))?.length ?? 0) >= 4);
    return { folder, forge, main, head, service, id };
  }

  test('is stopped: nothing survives, nothing lands, and the answer and the end say so', async () => {
    const { folder, forge, main, head, service, id } = await midRun();
    expect(await stop(service, id)).toMatchObject({
      status: 202,
      outcome: 'stopping',
      task: { status: 'stopping', stop: { by: 'api-token', reason: 'not wanted any more' } },
    });
    expect(await stop(service, id)).toMatchObject({ outcome: 'already' });
    const task = await settled(service, id);
    expect(await ofTest(folder)).toEqual([]);
    expect(task).toMatchObject({ stage: 'cancelled', reason: 'stopped', landed_sha: null, branch: 'feature/A-1-wild' });
    expect(task.checks.map(({ check }) => check)).not.toContain('check_branch_mergeable');
    expect(forge.mainMoves()).toEqual([main]);
    // A merge queue for people deletes no branch.
    expect(forge.head('feature/A-1-wild')).toBe(head);
    expect(await service.context.store.currentLease('app')).toBeNull();
    expect(await service.context.store.listJobs({ live: true })).toEqual([]);
    expect(readdirSync(join(folder, 'data/slots/app'))).toEqual([]);
    expect(await stopBlock(service)).toMatchObject({
      requested: 2,
      settled: 1,
      unverified: 0,
      left_behind: 0,
      unsettled: [],
      answers: { stopping: 1, already: 1 },
    });
    expect(await stop(service, id)).toMatchObject({ status: 200, outcome: 'already' });
  });

  test('can be enqueued again when the stop is settled, not before, and is the next generation then', async () => {
    const { folder, service, id } = await midRun({ ORCH_STOP_GRACE_S: '3' });
    await stop(service, id);
    const early = await ask(service, '/tasks', { body: { repo: 'app', branch: 'feature/A-1-wild' } });
    expect(early).toMatchObject({ status: 409, json: { next: expect.stringContaining(id) } });
    await settled(service, id);
    letGo(folder);
    const again = await atRest(service, await enqueue(service, 'feature/A-1-wild'));
    expect(again).toMatchObject({ stage: 'done', generation: 2 });
  });

  test('is proven to be over also when the service ends right after the stop', async () => {
    const { folder, service, id } = await midRun();
    await stop(service, id);
    await stopService(service);
    expect(await ofTest(folder)).toEqual([]);
    const second = await serviceOn(join(folder, 'data'));
    expect(await settled(second, id)).toMatchObject({ stage: 'cancelled', reason: 'stopped' });
  });
});

test('a service that is killed between a stop and its settling is carried on by the next one, which claims no proof', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make({ ...PROJECT, 'check.sh': stubborn(folder) }, folder);
  const main = forge.head('main');
  forge.push({ branch: 'feature/B-1-wild', from: 'main' }, { 'a.txt': 'a\n' });
  const room = new Room(folder);
  const token = 'a-token-for-this-test';
  const dataDir = join(folder, 'data');
  // A grace that outlasts the test: the kill comes in the middle of it.
  const environment = {
    ...{ ORCH_DATA_DIR: dataDir, ORCH_API_TOKEN: token, ORCH_POLL_S: '0.2', ORCH_STOP_GRACE_S: '600' },
    ORCH_ISOLATION: 'none',
  };
  const served = room.run(['serve'], { ...environment, ORCH_PORT: '0' });
  const url = await until('the service listens', async () => /listens on (http\S+)/.exec(room.heard)?.[1]);
  const post = (path: string, body: object) => ask({ url } as RunningService, path, { body, token });
  await post('/repos', { id: 'app', path: forge.path });
  const { id } = (await post('/tasks', { repo: 'app', branch: 'feature/B-1-wild' })).json as ShownTask;
  await until('all of it runs', async () => begun(folder) && ((await ofTest(folder))?.length ?? 0) >= 4);
  expect((await post(`/tasks/${id}/stop`, {})).json).toMatchObject({ outcome: 'stopping' });
  process.kill(room.pid ?? 0, 'SIGKILL');
  await served;
  await until('its guard has ended everything', async () => ((await ofTest(folder)) ?? []).length === 0);

  const second = await serviceOn(dataDir, { ORCH_API_TOKEN: token });
  const task = await until('it is settled', async () => {
    const now = (await ask(second, `/tasks/${id}`, { token })).json as ShownTask;
    return now.settled_at !== null && now;
  });
  expect(task).toMatchObject({ stage: 'cancelled', reason: expect.stringContaining('unverified'), landed_sha: null });
  expect(forge.mainMoves()).toEqual([main]);
  const events = (await ask(second, `/tasks/${id}/events`, { token })).json as { kind: string; body: unknown }[];
  expect(events.filter(({ kind }) => kind === 'stop-settled')).toMatchObject([{ body: { verified: false } }]);
  expect((await ask(second, '/queue', { token })).json).toMatchObject({ stop: { settled: 1, unverified: 1 } });
  expect(readdirSync(join(dataDir, 'slots/app'))).toEqual([]);
});

describe('a stop of what does not run', () => {
  test('cancels a task that waits in the queue and one that is blocked, at once, and the queue goes on without them', async () => {
    const folder = scratchFolder();
    const hold = `while [ -e slow ] && [ ! -e "${folder}/hold.go" ]; do echo begun >> "${folder}/hold.begun"; sleep 0.05; done\n`;
    const forge = await Forge.make({ ...PROJECT, 'check.sh': `${hold}${PROJECT['check.sh']}` }, folder);
    const service = await serviceOn(join(folder, 'data'), { ORCH_MAX_GATE_RUNS: '2' });
    await register(service, forge.path);
    forge.push({ branch: 'feature/C-1-red', from: 'main' }, { broken: '' });
    const red = await enqueue(service, 'feature/C-1-red');
    expect(await atRest(service, red)).toMatchObject({ status: 'blocked' });
    forge.push({ branch: 'feature/C-2-slow', from: 'main' }, { slow: '' });
    const slow = await enqueue(service, 'feature/C-2-slow');
    await until('the slow one is tested', async () => begun(folder));
    forge.push({ branch: 'feature/C-3-waits', from: 'main' }, { 'a.txt': 'a\n' });
    const waits = await enqueue(service, 'feature/C-3-waits');
    await until('the other waits in line', async () => (await taskOf(service, waits)).status === 'waiting');

    for (const id of [waits, red])
      expect(await stop(service, id)).toMatchObject({
        status: 200,
        outcome: 'cancelled',
        task: { stage: 'cancelled' },
      });
    expect(await service.context.store.listTickets()).toEqual([]);
    await settled(service, waits);
    await settled(service, red);
    letGo(folder);
    expect(await atRest(service, slow)).toMatchObject({ stage: 'done' });
    expect(await stop(service, slow)).toMatchObject({ status: 200, outcome: 'too_late', task: { stage: 'done' } });
    const late = await cli(['task', 'stop', slow, '--url', service.url, '--token', ownToken(service)]);
    expect(late).toMatchObject({ exit: 1, out: `${slow} is done; there is nothing to stop\n` });
  });

  test('is refused with a problem when the task is unknown, when its body says something else, and to a reader', async () => {
    const folder = scratchFolder();
    const sha = (token: string) => createHash('sha256').update(token).digest('hex');
    writeFileSync(join(folder, 'tokens'), `looker read ${sha('look')}\nworker operate ${sha('work')}\n`);
    const service = await serviceOn(join(folder, 'data'), { ORCH_API_TOKENS_FILE: join(folder, 'tokens') });
    const post = (body: object, token: string | null = 'work') => ask(service, '/tasks/t-none/stop', { body, token });
    const unknown = await post({});
    expect(unknown).toMatchObject({ status: 404, json: { detail: expect.stringContaining('t-none'), status: 404 } });
    expect(unknown.headers['content-type']).toContain('application/problem+json');
    for (const body of [{ reason: '' }, { reason: 7 }, { why: 'x' }, { reason: 'x'.repeat(2001) }])
      expect((await post(body)).status).toBe(400);
    expect((await post({}, 'look')).status).toBe(403);
    expect((await post({}, null)).status).toBe(401);
  });

  testWhole('a task whose branch was deleted is cleaned up too, so that its name is free', async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    const service = await serviceOn(join(folder, 'data'));
    await register(service, forge.path);
    forge.push({ branch: 'feature/D-1-gone', from: 'main' }, { broken: '' });
    const id = await enqueue(service, 'feature/D-1-gone');
    await atRest(service, id);
    forge.deleteBranch('feature/D-1-gone');
    expect(await settled(service, id)).toMatchObject({ stage: 'cancelled', reason: 'branch-gone', stop: null });
    forge.push({ branch: 'feature/D-1-gone', from: 'main' }, { 'a.txt': 'a\n' });
    expect(await atRest(service, await enqueue(service, 'feature/D-1-gone'))).toMatchObject({ stage: 'done' });
  });
});

describe('a stop that meets a landing', () => {
  interface Meeting {
    /** Called before the window is entered, and inside it before main moves. */
    readonly before?: (stops: Cancellations, taskId: string) => Promise<unknown>;
    readonly inside?: (stops: Cancellations, taskId: string, forge: Forge) => Promise<unknown>;
  }

  /** The real service but for its HTTP face, over a forge that is slow where a stop can meet it. */
  async function meet({ before, inside }: Meeting) {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    const main = forge.head('main');
    const head = forge.push({ branch: 'feature/E-1-good', from: 'main' }, { 'a.txt': 'a\n' });
    const settings = settingsFrom({ ORCH_DATA_DIR: join(folder, 'data'), ORCH_POLL_S: '0.2' });
    const opened = await composeService(settings, silentLog);
    if (opened.kind !== 'open') throw new Error(opened.problem);
    const { store, engine, now } = opened.context;
    const taskId = 't-meets';
    const alerts: string[] = [];
    const context: typeof opened.context = {
      ...opened.context,
      notifier: {
        name: 'test',
        notify: async ({ text }) => {
          alerts.push(text);
          return { kind: 'told' };
        },
      },
      forgeOf: (repo) => {
        const real = opened.context.forgeOf(repo);
        return {
          ...real,
          prepare: async (request) => {
            await before?.(stops, taskId);
            return real.prepare(request);
          },
          land: async (request) => {
            await inside?.(stops, taskId, forge);
            return real.land(request);
          },
        };
      },
    };
    const stops = createCancellations(context);
    const locked = await acquireInstanceLock(context);
    if (locked.kind !== 'acquired') throw new Error(locked.problem);
    const worker = startWorker(context, locked.lock, stops);
    await store.addRepo({
      id: 'app',
      url: forge.path,
      forge: 'local',
      main: 'main',
      profile: 'gates-only',
      atMs: now(),
    });
    const task = { id: taskId, repoId: 'app', profile: 'gates-only', branch: 'feature/E-1-good', key: 'E-1' } as const;
    await store.addTask({ ...task, title: 't', headSha: head, actor: 'test', atMs: now() }, engine);
    context.wakeup.notify();
    const end = await until('the task is settled', async () => {
      const row = await store.getTask(taskId);
      return row?.cancelledAt !== null && row;
    });
    await until('everything is told', async () => (await store.queueCounts(now())).outboxPending === 0);
    const lease = await store.currentLease('app');
    await worker.stop();
    await opened.close();
    return { end, alerts, lease, main, head, moves: forge.mainMoves() };
  }
  const ask = (stops: Cancellations, taskId: string) => stops.request({ taskId, reason: 'too late?', actor: 'ann' });

  test('before its window wins: nothing lands', async () => {
    const words: string[] = [];
    const { end, alerts, lease, main, moves } = await meet({
      before: async (stops, taskId) => words.push((await ask(stops, taskId)).kind),
    });
    expect(words).toEqual(['stopping']);
    expect(alerts).toEqual([]);
    expect(end.state).toMatchObject({ stage: 'cancelled', ended: 'stopped', landed: false });
    expect(moves).toEqual([main]);
    expect(lease).toBeNull();
  });

  test('inside its window is deferred, and never lost: it has landed, and is not deployed', async () => {
    const words: string[] = [];
    const { end, alerts, lease, main, head, moves } = await meet({
      inside: async (stops, taskId) => {
        for (let times = 0; times < 2; times += 1) words.push((await ask(stops, taskId)).kind);
      },
    });
    expect(words).toEqual(['deferred', 'already']);
    expect(end).toMatchObject({ landedSha: head, criticalToken: null, cancelReason: 'too late?' });
    expect(end.state).toMatchObject({ stage: 'cancelled', ended: 'merged, not deployed', landed: true });
    expect(alerts).toEqual([expect.stringContaining('merged, not deployed')]);
    expect(moves).toEqual([main, head]);
    expect(lease).toBeNull();
  });

  test('inside a window that ends without a landing cancels the task: nothing is tried again', async () => {
    const words: string[] = [];
    const others: string[] = [];
    const { end, main, moves } = await meet({
      inside: async (stops, taskId, forge) => {
        if (others.length > 0) return;
        words.push((await ask(stops, taskId)).kind);
        others.push(forge.push({ branch: 'main' }, { 'b.txt': 'b\n' }));
      },
    });
    expect(words).toEqual(['deferred']);
    expect(end.state).toMatchObject({ stage: 'cancelled', landed: false });
    expect(moves).toEqual([main, ...others]);
  });
});

test('the grace of a stop is the time a command has between the polite signal and the kill', async () => {
  const folder = scratchFolder();
  const polite = `trap 'echo bye > "${folder}/bye"; exit 0' TERM; echo begun > "${folder}/hold.begun"; while :; do sleep 0.05; done\n`;
  const forge = await Forge.make({ ...PROJECT, 'check.sh': polite }, folder);
  forge.push({ branch: 'feature/F-1-polite', from: 'main' }, { 'a.txt': 'a\n' });
  const service = await serviceOn(join(folder, 'data'), { ORCH_STOP_GRACE_S: '30' });
  await register(service, forge.path);
  const id = await enqueue(service, 'feature/F-1-polite');
  await until('it runs', async () => begun(folder));
  await stop(service, id);
  await settled(service, id);
  expect(readFileSync(join(folder, 'bye'), 'utf8')).toBe('bye\n');
});
