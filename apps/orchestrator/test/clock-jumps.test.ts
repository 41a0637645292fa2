/**
 * The machine's clock is set an hour forward or back while the service runs. What lives stays, what waits is neither early nor an
 * hour late, and nothing lands twice. Each row of the table is played on the bare clock as well: there it goes wrong.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { composeService } from '../src/compose.ts';
import type { ServiceContext } from '../src/context.ts';
import { standstills } from '../src/http/shown-tasks.ts';
import { alertMessage, taskAlert } from '../src/notifiers/alert-message.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createServiceClock } from '../src/platform/service-clock.ts';
import { catchUpClock } from '../src/worker/clock-watch.ts';
import { dispatchOutbox } from '../src/worker/outbox.ts';
import { reap } from '../src/worker/reaper.ts';
import { atRest, enqueue, register, serviceOn, settingsFrom, stopService, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { addTask, answer, mustClaim, REPO, withRepo } from './store/world.ts';

const HOUR = 3_600_000;
const START = 1_790_000_000_000;

/** A machine whose clock can be set. */
class Machine {
  wallMs = START;
  monotonicMs = 5_000;
  readonly clock = createServiceClock({ wall: () => this.wallMs, monotonic: () => this.monotonicMs });

  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
  }
}

describe("the service's time", () => {
  test('whatever is done to the clock, it goes on: never back, never standing, never fast', () => {
    const step = fc.record({ passes: fc.integer({ min: 1, max: 90_000 }), set: fc.integer({ min: -HOUR, max: HOUR }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const machine = new Machine();
        for (const { passes, set } of steps) {
          const before = machine.clock.now();
          machine.wallMs += set;
          machine.pass(passes);
          const gone = machine.clock.now() - before;
          expect(gone).toBeGreaterThanOrEqual(Math.floor(passes * 0.5) - 1);
          expect(gone).toBeLessThanOrEqual(passes * 1.005 + 1);
        }
      }),
    );
  });

  test('it follows a clock that nobody sets, and comes back to one that was set', () => {
    const machine = new Machine();
    for (let hour = 0; hour < 5; hour += 1) machine.pass(HOUR);
    expect(machine.clock.behindMs()).toBe(0);
    machine.wallMs -= HOUR;
    expect(machine.clock.behindMs()).toBe(-HOUR);
    for (let hour = 0; hour < 2; hour += 1) machine.pass(HOUR);
    expect(machine.clock.behindMs()).toBe(0);
  });

  test('a store that has seen a later time is gone on from', () => {
    expect(createServiceClock({ wall: () => START, notBeforeMs: START + HOUR }).now()).toBeGreaterThanOrEqual(
      START + HOUR,
    );
  });
});

interface Row {
  readonly what: string;
  /** When it is due by itself. */
  readonly dueMs: number;
  readonly begin: (service: ServiceContext) => Promise<unknown>;
  readonly pass: (service: ServiceContext) => Promise<unknown>;
  /** Whether it has ended. */
  readonly isOver: (service: ServiceContext) => Promise<boolean>;
}

const ROWS: readonly Row[] = [
  {
    what: 'a claim is taken from its worker',
    dueMs: 60_000,
    begin: ({ store, now }) => mustClaim(store, { nowMs: now() }),
    pass: reap,
    isOver: async ({ store }) => (await store.listJobs({ live: true })).every(({ state }) => state !== 'leased'),
  },
  {
    what: 'a merge lease is taken from its holder',
    dueMs: 120_000,
    begin: ({ store, now }) =>
      store.acquireLease({ repoId: REPO, holder: 'housekeeping', attempt: 0, atMs: now(), ttlMs: 120_000 }),
    pass: (service) => service.store.reapLeases({ nowMs: service.now(), ttlMs: 120_000, engine: service.engine }),
    isOver: async ({ store }) => (await store.currentLease(REPO)) === null,
  },
  {
    what: 'a message is tried again',
    dueMs: 30_000,
    begin: ({ store, now }) =>
      store.addOutbox({
        ...alertMessage(taskAlert('t1', { key: 'k', text: 'look' })),
        availableAt: now() + 30_000,
        atMs: now(),
      }),
    pass: dispatchOutbox,
    isOver: async ({ store, now }) => (await store.queueCounts(now())).outboxPending === 0,
  },
  {
    what: 'a task asks again',
    dueMs: 900_000,
    begin: async ({ store, now }) =>
      answer(store, await mustClaim(store, { nowMs: now() }), { status: 'defer', cause: 'main-broken' }, now()),
    pass: reap,
    isOver: async ({ store }) => (await store.listJobs({ live: true, probes: true })).length > 0,
  },
  {
    what: 'a standstill is told',
    dueMs: 900_000,
    begin: async () => {},
    pass: async () => {},
    isOver: async (service) => (await standstills(service)).length > 0,
  },
];

/** What happens to the row: too early, in its time, or not for an hour. */
async function play(row: Row, setMs: number, timeOf: (machine: Machine) => () => number): Promise<string> {
  const machine = new Machine();
  const dataDir = join(scratchFolder(), 'data');
  const opened = await composeService(settingsFrom({ ORCH_DATA_DIR: dataDir }), silentLog);
  if (opened.kind !== 'open') throw new Error(opened.problem);
  const service: ServiceContext = { ...opened.context, now: timeOf(machine), clock: machine.clock };
  try {
    await withRepo(service.store);
    await addTask(service.store, 't1', { atMs: service.now() });
    await row.begin(service);
    // The news of its beginning is out before.
    await dispatchOutbox(service);
    machine.pass(1000);
    machine.wallMs += setMs;
    machine.pass(1000);
    await catchUpWhere(service, row);
    await row.pass(service);
    if (await row.isOver(service)) return 'too early';
    for (let rounds = 0; rounds < 20; rounds += 1) machine.pass(row.dueMs / 10);
    await row.pass(service);
    return (await row.isOver(service)) ? 'in its time' : 'not for an hour';
  } finally {
    await opened.close();
  }
}

/** As the worker does it: only while no claim runs. */
async function catchUpWhere(service: ServiceContext, row: Row): Promise<void> {
  if (row.what.startsWith('a merge lease') || row.what.startsWith('a task asks')) await catchUpClock(service);
}

describe.each(ROWS)('$what', (row) => {
  test.each([
    [HOUR, 'too early'],
    [-HOUR, 'not for an hour'],
  ])('a clock that is set by %d ms', async (setMs, bare) => {
    expect(await play(row, setMs, (machine) => machine.clock.now)).toBe('in its time');
    expect(await play(row, setMs, (machine) => () => machine.wallMs)).toBe(bare);
  });
});

test('with nothing being timed, the time of a clock that was set forward is taken at once', async () => {
  const machine = new Machine();
  const opened = await composeService(settingsFrom({ ORCH_DATA_DIR: join(scratchFolder(), 'data') }), silentLog);
  if (opened.kind !== 'open') throw new Error(opened.problem);
  const service: ServiceContext = { ...opened.context, now: machine.clock.now, clock: machine.clock };
  machine.wallMs += HOUR;
  await catchUpClock(service);
  expect(machine.clock.now()).toBe(START + HOUR);
  await opened.close();
});

describe('a running service', () => {
  const { now } = Date;
  afterEach(() => {
    Date.now = now;
  });

  /** Sets the clock of this process. */
  function setClock(byMs: number): void {
    const real = performance.timeOrigin;
    Date.now = () => Math.floor(real + performance.now() + byMs);
  }

  test('tasks land once while the clock is set to and fro under their tests, and after a start on a clock that was set back', async () => {
    const forge = await Forge.make({
      ...PROJECT,
      'check.sh': 'touch "$1/begun"; until [ -e "$1/go" ]; do sleep 0.05; done\n',
      'gatehouse.yaml': '',
    });
    const folder = scratchFolder();
    const command = `sh check.sh ${folder}`;
    forge.push({ branch: 'main' }, { 'gatehouse.yaml': `version: 1\ntest: { command: ${command}, timeout: 60s }\n` });
    for (const name of ['a', 'b']) forge.push({ branch: name, from: forge.head('main') }, { [name]: name });
    const dataDir = join(folder, 'data');
    const first = await serviceOn(dataDir);
    await register(first, forge.path);
    const ids = [await enqueue(first, 'a'), await enqueue(first, 'b')];
    await until('the first is being tested', async () => existsSync(join(folder, 'begun')));
    for (const setMs of [HOUR, -HOUR]) {
      setClock(setMs);
      await reap(first.context);
      const live = await first.context.store.listJobs({ live: true });
      expect(live.filter(({ state }) => state === 'leased').map(({ attempts }) => attempts)).toEqual([1]);
    }
    await stopService(first);
    setClock(-2 * HOUR);
    writeFileSync(join(folder, 'go'), '');
    const second = await serviceOn(dataDir);
    for (const id of ids) expect(await atRest(second, id)).toMatchObject({ stage: 'done' });
    expect(forge.git('rev-list', '--count', 'main', '--', 'a', 'b')).toBe('2');
  });
});
