/**
 * The running service against every fault that a machine, a colleague or an operator can bring, one at a time. Whatever
 * happens: no innocent task is blamed, nothing is lost, nothing lands twice, a person gets the next step, and once the fault
 * is repaired the task lands. One service lives through the whole table, so no row may leave it worse than it was.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { alertMessage, repositoryAlert } from '../src/notifiers/alert-message.ts';
import { errorsOf } from '../src/platform/errors.ts';
import { type RunningService, startService } from '../src/running-service.ts';
import { runMaintenance } from '../src/worker/maintenance.ts';
import { reap } from '../src/worker/reaper.ts';
import { ask, enqueue, register, settingsFrom, until } from './live-gatehouse.ts';
import { KILLS, type Kill, ROWS, type Row, STEPS } from './service-faults/rows.ts';
import { atEnd, expectNothingLost, heard, type Scene } from './service-faults/scene.ts';
import { serviceProcess } from './service-faults/service-process.ts';
import { canMount, FILL, SmallWorld } from './service-faults/small-world.ts';
import { isWhole } from './tool-tests.ts';

/** Where CI demands every tool all rows are played, else the first of each step. */
const EXTENT = isWhole ? 'all of it' : 'a part of it; GATEHOUSE_REQUIRE_TOOLS=1 plays all';
const isFirst = ({ step }: Row, at: number): boolean => ROWS.findIndex((row) => row.step === step) === at;
const DUE = ROWS.filter((row, at) => isWhole || isFirst(row, at));

const onLinux = process.platform === 'linux';
const impossible = ({ disk }: Pick<Row, 'disk'>): string | null => {
  if (!onLinux) return 'needs Linux';
  return disk !== undefined && !canMount ? 'needs the right to mount' : null;
};

function dataDiskTest(title: string, body: () => Promise<void>): void {
  const why = impossible({ disk: 'data' });
  if (why === null) test(title, body);
  else test.skip(`${title} (${why})`, body);
}

let world: SmallWorld;
let service: RunningService;
const played = new Set<string>();

async function started(dataDir: string): Promise<RunningService | string> {
  const settings = settingsFrom({
    ORCH_DATA_DIR: dataDir,
    ORCH_PORT: '0',
    ORCH_POLL_S: '1',
    ORCH_MERGE_INFRA_BACKOFF_S: '0.1',
    ORCH_STOP_GRACE_S: '0.5',
  });
  const answer = await startService(settings, world.log);
  return answer.kind === 'running' ? answer : answer.problem;
}
async function mustStart(dataDir: string): Promise<RunningService> {
  const answer = await started(dataDir);
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}

beforeAll(async () => {
  if (!onLinux) return;
  world = new SmallWorld();
  world.enter();
  service = await mustStart(world.data);
});
afterAll(async () => {
  await service?.stop();
  world?.close();
});

describe.each(STEPS)('%s', (step) => {
  for (const row of DUE.filter((each) => each.step === step)) {
    const why = impossible(row);
    const title = `${row.fault}: ${row.why}`;
    if (why !== null) test.skip(`${title} (${why})`, () => {});
    else test(title, () => play(row));
  }
});

describe('SIGKILL of the service at', () => {
  for (const kill of KILLS.filter((_, at) => isWhole || at % 3 === 0))
    (onLinux ? test : test.skip)(`${kill.step}: ${kill.why}`, () => playKill(kill));
});

/** It is killed in the middle of a task; the next one starts on what it left. */
async function playKill(kill: Kill): Promise<void> {
  const repo = `k${KILLS.indexOf(kill)}`;
  const dataDir = join(world.root, 'killed');
  const forge = await world.forge(repo, { ownDisk: false, measured: false });
  const victim = await serviceProcess(world, dataDir);
  await register(victim, forge.path, repo);
  await ask(victim, '/pause', { body: { repo } });
  const id = await enqueue(victim, 'task', repo);
  world.arm(kill.strike, kill.code, forge);
  try {
    // It may die before it has answered.
    await errorsOf([ask(victim, '/resume', { body: { repo } })]);
    expect(await until('the service is gone', async () => victim.endedBy())).toBe('SIGKILL');
    expect(world.fired).toBe(true);
  } finally {
    victim.kill();
    world.calm();
  }
  const next = await mustStart(dataDir);
  try {
    const scene: Scene = { row: {}, world, service: next, repo, forge, before: forge.mainMoves()[0] ?? '', since: 0 };
    const task = await atEnd(scene, id);
    await expectNothingLost(scene, task);
    expect((await next.context.store.getTask(id))?.state.counts).toEqual({});
    await ask(next, '/pause', { body: { repo } });
  } finally {
    await next.stop();
  }
}

dataDiskTest(
  'start: a data directory that may not be written is named with the next step, and the task lands when it may be',
  async () => {
    const [repo, dataDir] = ['start', join(world.root, 'read-only')];
    mkdirSync(dataDir);
    world.mount(dataDir);
    const forge = await world.forge(repo, { ownDisk: false, measured: false });
    const first = await mustStart(dataDir);
    await register(first, forge.path, repo);
    await ask(first, '/pause', { body: { repo } });
    const id = await enqueue(first, 'task', repo);
    await first.stop();
    execFileSync('mount', ['-o', 'remount,ro', dataDir]);
    expect(await started(dataDir)).toMatch(/gatehouse\.db: .*cannot be written; check owner, mode and mount|read-only/);
    world.calm();
    const next = await mustStart(dataDir);
    await ask(next, '/resume', { body: { repo } });
    const scene: Scene = { row: {}, world, service: next, repo, forge, before: forge.head('main'), since: 0 };
    await expectNothingLost(scene, await atEnd(scene, id)).finally(next.stop);
  },
);

dataDiskTest('report: the data disk is full: what is to be delivered waits, and is delivered', async () => {
  const { store, now } = service.context;
  const text = 'a word for every reader';
  // Due in a moment, so that it starts on a disk that is full already.
  const alert = alertMessage(repositoryAlert('report', { key: 'due', text }));
  const due = { ...alert, atMs: now(), availableAt: now() + 500 };
  expect(await store.addOutbox(due)).toBe(true);
  keepSpaceForTheLog();
  world.mend(`${FILL}fill "$1" 0`, world.data);
  const log = () => world.lines.join('\n');
  await until('the full disk is noticed', async () =>
    /"loop":"deliver".*disk of the database is full; free space/.test(log()),
  );
  expect(log()).not.toContain(text);
  world.calm();
  await until('it is delivered', async () => log().includes(text));
});

dataDiskTest('housekeeping: the data disk fills in the middle: no task is kept from landing for long', async () => {
  const forge = await world.forge('tidy', { ownDisk: false, measured: false });
  await register(service, forge.path, 'tidy');
  const { store, mirrors } = service.context;
  const [tidy] = (await store.listRepos()).filter(({ id }) => id === 'tidy');
  await mirrors.refresh({ id: 'tidy', url: forge.path, forge: 'local', main: 'main' });
  const { signal } = new AbortController();
  const context = {
    ...service.context,
    store: { ...store, listRepos: async () => (tidy === undefined ? [] : [tidy]) },
  };
  const since = world.lines.length;
  keepSpaceForTheLog();
  world.arm({ before: '*"/tidy.git "*" count-objects "*' }, `${FILL}fill "$DATA" 0`, forge);
  const [failure] = await errorsOf([runMaintenance(context, signal)]);
  const output = [failure?.message, ...world.lines.slice(since)].join('\n');
  expect([world.fired, output]).toEqual([true, expect.stringMatching(/could not be made smaller|is full/)]);
  world.calm();
  // A lease that could not be given back is free when its time is over.
  await reap({ ...context, now: () => Date.now() + context.settings.merge.leaseTtlMs });
  await runMaintenance(context, signal);
  expect(await store.listLeases()).toEqual([]);
});

test('every end was reported, and no report came twice', async () => {
  const { store } = service.context;
  await until('everything is told', async () => (await store.queueCounts(Date.now() + 120_000)).outboxPending === 0);
  const ended = (await store.listTasks({ limit: 1000 })).map(({ id }) => id);
  for (const id of ended) {
    const reports = world.lines.filter((line) => line.startsWith('info: report ') && line.includes(id));
    expect(reports.filter((line) => /"text\\":\\"(done|cancelled)/.test(line))).toHaveLength(1);
  }
  const alerts = world.lines.filter((line) => line.startsWith('warn: ALERT '));
  expect(alerts).toEqual([...new Set(alerts)]);
});

test(`every row of the table was played (${EXTENT})`, () => {
  const due = DUE.filter((row) => impossible(row) === null);
  expect([...played].sort()).toEqual(due.map(nameOf).sort());
});

const nameOf = ({ step, fault }: Row): string => `${step}: ${fault}`;

type Played = Scene & { readonly row: Row };

async function play(row: Row): Promise<void> {
  const repo = `r${ROWS.indexOf(row)}`;
  const forge = await world.forge(repo, {
    ownDisk: row.disk === 'forge',
    measured: row.step === 'ratchet' || row.step === 'between two gates',
  });
  const scene: Played = { row, world, service, repo, forge, before: forge.head('main'), since: world.lines.length };
  try {
    await register(service, forge.path, repo);
    const id = row.step === 'enqueue' ? await refusedThenTaken(scene) : await takenThenStruck(scene);
    const task = await atEnd(scene, id);
    await expectNothingLost(scene, task);
  } finally {
    world.calm();
    await ask(service, '/pause', { body: { repo } });
  }
}

/** The fault strikes while a branch is asked for: it is refused in words, and taken when the fault is over. */
async function refusedThenTaken(scene: Played): Promise<string> {
  const { row, repo, forge } = scene;
  await ask(service, '/pause', { body: { repo } });
  keepSpaceForTheLog();
  world.arm(row.strike, row.code, forge);
  const refused = await ask(service, '/tasks', { body: { repo, branch: 'task' } });
  expect({ fired: world.fired, status: refused.status }).toEqual({ fired: true, status: 503 });
  expect(refused.text).toMatch(row.told?.says ?? /./);
  heal(scene);
  expect(await service.context.store.listTasks({ repoId: repo })).toEqual([]);
  await ask(service, '/resume', { body: { repo } });
  return enqueue(service, 'task', repo);
}

async function takenThenStruck(scene: Played): Promise<string> {
  const { row, repo, forge } = scene;
  if (row.strike === 'already') world.arm(row.strike, row.code, forge);
  await ask(service, '/pause', { body: { repo } });
  const id = await enqueue(service, 'task', repo);
  keepSpaceForTheLog();
  if (row.strike !== 'already') world.arm(row.strike, row.code, forge);
  // Without waiting: on the way to the answer the fault may strike already.
  const resumed = ask(service, '/resume', { body: { repo } });
  await until('the fault strikes', async () => world.fired);
  await resumed;
  const { told } = row;
  if (told !== null)
    await until(`a person reads ${told.says.source} (${told.in})`, async () =>
      told.says.test(await heard(told.in, scene, id)),
    );
  heal(scene);
  return id;
}

/** What the database appends needs new pages of the disk, as it usually does. */
function keepSpaceForTheLog(): void {
  const other = new SqliteDatabase(join(world.data, 'gatehouse.db'));
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
}

function heal({ row, forge }: Played): void {
  played.add(nameOf(row));
  world.calm();
  if (row.mend !== undefined) world.mend(row.mend, forge.path, world.data);
}
