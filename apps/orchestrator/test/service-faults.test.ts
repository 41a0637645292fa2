/**
 * The running service against every fault that a machine, a colleague or an operator can bring, one at a time. Whatever
 * happens: nobody innocent is blamed, nothing is lost, nothing lands twice, somebody is told what to do, and once the fault
 * is mended the task lands. One service lives through the whole table, so no row may leave it worse than it was.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { namesIn } from '../src/adapters/files.ts';
import { processesNaming } from '../src/adapters/processes.ts';
import { type Running, startService } from '../src/start.ts';
import { reap } from '../src/worker/sweep.ts';
import { ask, enqueue, hurryProbe, register, type ShownTask, settingsFrom, taskOf, until } from './live-gatehouse.ts';
import type { Forge } from './scratch-forge.ts';
import { type Place, ROWS, type Row, STEPS } from './service-faults/rows.ts';
import { canMount, SmallWorld } from './service-faults/small-world.ts';

const onLinux = process.platform === 'linux';
const impossible = ({ disk }: Row): string | null => {
  if (!onLinux) return 'needs Linux';
  return disk !== undefined && !canMount ? 'needs the right to mount' : null;
};

let world: SmallWorld;
let service: Running;
const met = new Set<string>();

beforeAll(async () => {
  if (!onLinux) return;
  world = new SmallWorld();
  world.enter();
  const settings = settingsFrom({
    ORCH_DATA_DIR: world.data,
    ORCH_PORT: '0',
    ORCH_POLL_S: '0.1',
    ORCH_MERGE_INFRA_BACKOFF_S: '0.1',
    ORCH_STOP_GRACE_S: '0.5',
  });
  const started = await startService(settings, world.log);
  if (started.kind !== 'running') throw new Error(started.problem);
  service = started;
});
afterAll(async () => {
  await service?.stop();
  world?.close();
});

describe.each(STEPS)('%s', (step) => {
  for (const row of ROWS.filter((each) => each.step === step)) {
    const why = impossible(row);
    const title = `${row.fault}: ${row.why}`;
    if (why !== null) test.skip(`${title} (${why})`, () => {});
    else test(title, () => play(row));
  }
});

test('every end was reported, and nobody is told anything twice', async () => {
  const { store } = service.house;
  await until('everything is told', async () => (await store.queueCounts(Date.now() + 120_000)).outboxPending === 0);
  const ended = (await store.listTasks({ limit: 1000 })).map(({ id }) => id);
  for (const id of ended) {
    const told = world.lines.filter((line) => line.startsWith('info: report ') && line.includes(id));
    expect(told.filter((line) => /"text\\":\\"(done|cancelled)/.test(line))).toHaveLength(1);
  }
  const alerts = world.lines.filter((line) => line.startsWith('warn: ALERT '));
  expect(alerts).toEqual([...new Set(alerts)]);
});

test('every row of the table was met', () => {
  const due = ROWS.filter((row) => impossible(row) === null);
  expect([...met].sort()).toEqual(due.map(nameOf).sort());
});

const nameOf = ({ step, fault }: Row): string => `${step}: ${fault}`;

interface Scene {
  readonly row: Row;
  readonly repo: string;
  readonly forge: Forge;
  readonly before: string;
  /** Where the log stood when the row began. */
  readonly since: number;
}

async function play(row: Row): Promise<void> {
  const repo = `r${ROWS.indexOf(row)}`;
  const forge = await world.forge(repo, {
    ownDisk: row.disk === 'forge',
    measured: row.step === 'ratchet' || row.step === 'between two gates',
  });
  const scene: Scene = { row, repo, forge, before: forge.head('main'), since: world.lines.length };
  try {
    await register(service, forge.path, repo);
    const id = row.step === 'enqueue' ? await refusedThenTaken(scene) : await takenThenStruck(scene);
    const task = await atEnd(scene, id);
    await expectNothingLost(scene, task);
  } catch (thrown) {
    process.stderr.write(`${nameOf(row)}\n${world.lines.slice(scene.since).join('\n')}\n`);
    throw thrown;
  } finally {
    world.calm();
    await ask(service, '/pause', { body: { repo } });
  }
}

/** The fault strikes while a branch is asked for: it is refused in words, and taken when the fault is over. */
async function refusedThenTaken(scene: Scene): Promise<string> {
  const { row, repo, forge } = scene;
  await ask(service, '/pause', { body: { repo } });
  roomForTheLog();
  world.arm(row.strike, row.code, forge);
  const refused = await ask(service, '/tasks', { body: { repo, branch: 'task' } });
  expect({ fired: world.fired, status: refused.status }).toEqual({ fired: true, status: 503 });
  expect(refused.text).toMatch(row.told?.says ?? /./);
  heal(scene);
  expect(await service.house.store.listTasks({ repoId: repo })).toEqual([]);
  await ask(service, '/resume', { body: { repo } });
  return enqueue(service, 'task', repo);
}

async function takenThenStruck(scene: Scene): Promise<string> {
  const { row, repo, forge } = scene;
  if (row.strike === 'already') world.arm(row.strike, row.code, forge);
  await ask(service, '/pause', { body: { repo } });
  const id = await enqueue(service, 'task', repo);
  roomForTheLog();
  if (row.strike !== 'already') world.arm(row.strike, row.code, forge);
  // Without waiting: on the way to the answer the fault may strike already.
  const resumed = ask(service, '/resume', { body: { repo } });
  await until('the fault strikes', async () => world.fired);
  await resumed;
  const { told } = row;
  if (told !== null)
    await until(`somebody is told ${told.says.source} (${told.in})`, async () =>
      told.says.test(await heard(told.in, scene, id)),
    ).catch(async (missing: unknown) => {
      process.stderr.write(
        `${JSON.stringify(await taskOf(service, id), null, 1)}\n${await heard('queue', scene, id)}\n`,
      );
      throw missing;
    });
  heal(scene);
  return id;
}

/** What the database appends needs new pages of the disk, as on any day but the luckiest. */
function roomForTheLog(): void {
  const other = new SqliteDatabase(join(world.data, 'gatehouse.db'));
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
}

function heal({ row, forge }: Scene): void {
  met.add(nameOf(row));
  world.calm();
  if (row.mend !== undefined) world.mend(row.mend, forge.path, world.data);
}

async function heard(place: Place, { since }: Scene, id: string): Promise<string> {
  const log = world.lines.slice(since);
  switch (place) {
    case 'alert':
      return log.filter((line) => line.includes('ALERT')).join('\n');
    case 'log':
      return log.join('\n');
    case 'queue': {
      const { tasks } = (await ask(service, '/queue')).json as { tasks: { id: string; reason: string | null }[] };
      return tasks.find((task) => task.id === id)?.reason ?? '';
    }
    case 'task':
      return `${JSON.stringify(await taskOf(service, id))}\n${(await ask(service, `/tasks/${id}/events`)).text}`;
    case 'runs':
      return JSON.stringify(await service.house.store.commandRuns({ taskId: id }));
    case 'answer':
      return '';
  }
}

/** What only time would do is done at once: probes come, and claims that nobody works on any more run out. */
async function atEnd({ row, repo }: Scene, id: string): Promise<ShownTask> {
  if (row.thaw === true) {
    await until('it is blocked', async () => (await taskOf(service, id)).status === 'blocked');
    await ask(service, `/repos/${repo}/thaw`, { body: {} });
    await ask(service, `/tasks/${id}/retry`, { body: {} });
  }
  return until(`${id} is over`, async () => {
    const task = await taskOf(service, id);
    if (task.stage === 'done' || task.stage === 'cancelled') return task;
    if (task.status === 'blocked') throw new Error(`blocked: ${task.reason}`);
    await hurryProbe(service);
    await runOut();
    await reap(service.house);
    return false;
  });
}

async function runOut(): Promise<void> {
  const { store, runs, workerId } = service.house;
  const leased = (await store.listJobs({ live: true })).filter(({ state }) => state === 'leased');
  if (leased.length === 0 || leased.some((job) => runs.isOpen({ jobId: job.id, token: job.token }))) return;
  const nowMs = Date.now() + 120_000;
  await store.reapExpired({ nowMs, workerId, leaseMs: 1, maxAttempts: 99, maxRunningMs: 9_999_999 });
}

async function expectNothingLost({ row, repo, forge, before }: Scene, task: ShownTask): Promise<void> {
  const { store } = service.house;
  expect(task.stage).toBe(row.end ?? 'done');
  expect(task.checks.filter(({ status }) => status === 'fail')).toEqual([]);
  expect((await store.listJobs({ taskId: task.id })).filter(({ kind }) => kind === 'agent')).toEqual([]);
  const events = (await ask(service, `/tasks/${task.id}/events`)).text;
  expect(events).not.toMatch(/"removed"/);
  const landings = [...events.matchAll(/"kind":"landed"/g)].length;
  expect(landings).toBe(row.end === 'cancelled' ? 0 : 1);
  // Main only went forward, and each of our own moves is there once.
  const moves = forge.mainMoves();
  expect(moves[0]).toBe(before);
  if (row.thaw !== true)
    for (const [at, to] of moves.entries())
      if (at > 0) expect(forge.git('merge-base', moves[at - 1] ?? '', to)).toBe(moves[at - 1]);
  expect(moves.filter((to) => to === task.landed_sha)).toHaveLength(row.end === 'cancelled' ? 0 : row.thaw ? 2 : 1);
  if (row.end !== 'cancelled') expect(forge.git('show', 'main:a.txt')).toMatch(/^the change/);
  expect(await store.currentLease(repo)).toBeNull();
  expect((await store.listBreakers(repo)).filter(({ state }) => state === 'open')).toEqual([]);
  expect(await processesNaming(world.desk)).toEqual([]);
  await until('its slot is gone', async () => (await namesIn(join(world.data, 'slots', repo))).length === 0);
}
