/** When a stop is settled, again, or not at all; and what its steps are given of the store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createActiveClaims } from '../src/cancellation/active-claims.ts';
import { createCancellations } from '../src/cancellation/cancellations.ts';
import { cancellationStore, UNVERIFIED_END } from '../src/cancellation/ledger.ts';
import type { CancellationDeps } from '../src/cancellation/port.ts';
import type { Store } from '../src/store/port/index.ts';
import { memoryStore } from './landing-scene.ts';
import { addTask, ENGINE, mustClaim, REPO, T0, tokenOf, toLanding } from './store/world.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(() => store.close());

/** The parts of cancellation, with what they logged and counted, in order, and a clock that a test moves. */
function deps(rest: Partial<CancellationDeps> = {}) {
  const told: unknown[][] = [];
  const note = (...what: unknown[]): void => void told.push(what);
  const clock = { nowMs: T0 };
  const parts: CancellationDeps = {
    settings: { commands: { graceMs: 1 } },
    store,
    engine: ENGINE,
    activeClaims: createActiveClaims(),
    mirrors: { pin: async () => ({ kind: 'done' }), directory: () => '' },
    workspaces: { removeStale: async () => {} },
    forgeOf: () => ({ deleteBranch: async () => ({ kind: 'deleted' }) }),
    tracker: { name: 'none', issue: async () => ({ kind: 'unsupported', reason: 'none' }) },
    metrics: { stop: (word) => note('stop', word), settled: (end) => note('settled', end) },
    wakeup: { notify: () => note('notified') },
    log: {
      info: (message, fields) => note('info', message, fields),
      warn: (message, fields) => note('warn', message, fields),
      error: (message, fields) => note('error', message, fields),
    } as CancellationDeps['log'],
    now: () => clock.nowMs,
    workerId: 'w1',
    ...rest,
  };
  return { parts, told, clock };
}

const STOP = { taskId: 't1', reason: 'not wanted', actor: 'ops' };

/** A claim of `t1` that runs here, and ends as it is told to. */
async function running(parts: CancellationDeps) {
  await addTask(store, 't1');
  const job = await mustClaim(store);
  const handle = parts.activeClaims.open(job);
  handle.signal.addEventListener('abort', () => handle.close());
  return { job, handle };
}

describe('a stop', () => {
  test('of a running task is counted, settled in the background, and told once it is over', async () => {
    const { parts, told } = deps();
    await running(parts);
    const cancellations = createCancellations(parts);
    expect(await cancellations.request(STOP)).toMatchObject({ kind: 'stopping', next: 'settle' });
    await cancellations.close();
    expect(told).toEqual([
      ['stop', 'stopping'],
      ['notified'],
      ['settled', { verified: true, left: 0 }],
      ['info', 'a stop is settled', { task: 't1', verified: true, left: '' }],
      ['notified'],
    ]);
    expect(await store.getTask('t1')).toMatchObject({
      stage: 'cancelled',
      cancelReason: 'not wanted',
      cancelledAt: T0,
    });
    expect(await store.unsettledStops()).toEqual([]);
  });

  test('whose run cannot be proven to be over is settled as such, with a warning', async () => {
    const { parts, told } = deps();
    const { job } = await running(parts);
    const command = { verified: false, purpose: 'branch', level: 'group' } as const;
    parts.activeClaims.commandEnded(tokenOf(job), command);
    const cancellations = createCancellations(parts);
    await cancellations.request(STOP);
    await cancellations.close();
    const unproven = `run ${job.id}`;
    expect(told).toContainEqual(['warn', UNVERIFIED_END, { task: 't1', runs: expect.stringContaining(unproven) }]);
    expect(told).toContainEqual(['settled', { verified: false, left: 0 }]);
    const ends = (await store.taskEvents('t1')).filter(({ kind }) => kind === 'stop-settled');
    expect(ends).toMatchObject([{ actor: 'stop', at: T0, body: { verified: false } }]);
  });

  test('of no task is neither counted nor settled, and what waits is notified all the same', async () => {
    const { parts, told } = deps();
    expect(await createCancellations(parts).request(STOP)).toEqual({ kind: 'unknown-task' });
    expect(told).toEqual([['notified']]);
  });

  test('inside the window waits for the landing', async () => {
    const { parts, told } = deps();
    await addTask(store, 't1');
    const { job, leaseToken } = await toLanding(store, 't1');
    const { version } = (await store.getTask('t1')) ?? { version: 0 };
    await store.enterCritical({ taskId: 't1', version, job: tokenOf(job), leaseToken, atMs: T0 });
    const cancellations = createCancellations(parts);
    expect(await cancellations.request(STOP)).toMatchObject({ kind: 'deferred', next: 'wait' });
    await cancellations.close();
    expect(told).toEqual([['stop', 'deferred'], ['notified']]);
  });

  test('that fails is tried again once its time has come, and not at the same time twice', async () => {
    let isBroken = true;
    const removeStale = async () => {
      if (isBroken) throw new Error('busy');
    };
    const { parts, told, clock } = deps({ workspaces: { removeStale } });
    await running(parts);
    const settledOnce = async (act: (of: ReturnType<typeof createCancellations>) => Promise<unknown>) => {
      told.splice(0);
      await act(cancellations);
      await until(() => told.some(([what]) => what === 'warn' || what === 'info'));
    };
    const cancellations = createCancellations(parts);
    await settledOnce((of) => of.request(STOP));
    const again = [
      'warn',
      'a stop is not settled yet; it will be tried again',
      {
        task: 't1',
        attempt: 1,
        why: expect.stringMatching(/^remove-workplace: cleanUp.remove-workplace crashed: busy[^;]*$/),
      },
    ];
    expect(told).toContainEqual(again);

    told.splice(0);
    clock.nowMs += 4_999;
    await cancellations.resumePending();
    expect(await attempts()).toBe(1);
    isBroken = false;
    clock.nowMs += 1;
    await settledOnce(async (of) => {
      await Promise.all([of.resumePending(), of.resumePending()]);
    });
    expect(await attempts()).toBe(2);
    expect(told).toContainEqual(['settled', { verified: expect.any(Boolean), left: 0 }]);
    await cancellations.close();
  });

  test('whose settling cannot be begun is told with why, and is not settled', async () => {
    const broken = async (): Promise<never> => {
      throw new Error('the row cannot be read');
    };
    const { parts, told } = deps({ store: { ...store, beginSettling: broken } });
    await running(parts);
    const cancellations = createCancellations(parts);
    await cancellations.request(STOP);
    await until(() => told.length > 2);
    await cancellations.close();
    const why = expect.stringContaining('the row cannot be read');
    const what = { task: 't1', attempt: 0, why };
    expect(told).toContainEqual(['warn', 'a stop is not settled yet; it will be tried again', what]);
    expect(told.some(([word]) => word === 'settled')).toBe(false);
  });

  test('is not begun once the service ends, and the next start carries on', async () => {
    const { parts, told } = deps();
    await running(parts);
    const closed = createCancellations(parts);
    await closed.close();
    await closed.request(STOP);
    await closed.resumePending();
    expect(told.map(([what]) => what)).toEqual(['stop', 'notified']);
    expect(await attempts()).toBe(0);
    const next = createCancellations(parts);
    await next.resumePending();
    await next.close();
    expect(await store.unsettledStops()).toEqual([]);
  });
});

const attempts = async (): Promise<number> =>
  (await store.taskEvents('t1')).filter(({ kind }) => kind === 'settling').length;

/** Turns of the event loop until it holds; the test's own deadline ends what never does. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the ledger', () => {
  test('names the claims that a stop took away and those that still run here, each once, and what is known of the task', async () => {
    const { parts } = deps();
    const { job } = await running(parts);
    parts.activeClaims.open({ ...job, token: job.token + 7 });
    const ledger = cancellationStore(parts);
    const signal = new AbortController().signal;
    const run = { id: String(job.id), token: job.token };
    expect(await ledger.requestStop(STOP, signal)).toEqual({ kind: 'stopping', runs: [run] });
    const begun = await ledger.beginAttempt('t1', signal);
    expect(begun).toEqual({
      kind: 'stopping',
      attempt: 1,
      runs: [run, { ...run, token: job.token + 7 }],
      facts: { profile: 'gates-only', branch: 'feature/t1', head: null, main: 'main', protectedNames: [] },
    });
    const release = { taskId: 't1', note: 'settled', left: [] };
    expect(await ledger.releaseKeys(release, signal)).toMatchObject({ kind: 'refused' });
    expect(await ledger.completed({ taskId: 't1', verified: true, unproven: [] }, signal)).toEqual({
      kind: 'recorded',
    });
    expect(await ledger.completed({ taskId: 't1', verified: true, unproven: [] }, signal)).toEqual({
      kind: 'recorded',
    });
    expect(await ledger.beginAttempt('t1', signal)).toMatchObject({
      kind: 'cancelled',
      attempt: 2,
      runs: begun.kind === 'stopping' ? begun.runs : [],
    });
    expect(await ledger.releaseKeys(release, signal)).toEqual({ kind: 'recorded' });
    expect(await ledger.beginAttempt('t1', signal)).toEqual({ kind: 'released' });
    const ends = (await store.taskEvents('t1')).filter(({ kind }) => kind === 'tombstoned' || kind === 'settling');
    expect(ends.map(({ actor, at }) => [actor, at])).toEqual([
      ['stop', T0],
      ['stop', T0],
      ['stop', T0],
    ]);
  });

  test('knows no task that is not there, nor one without its repository', async () => {
    const { parts } = deps();
    const signal = new AbortController().signal;
    const ledger = cancellationStore(parts);
    expect(await ledger.requestStop(STOP, signal)).toEqual({ kind: 'unknown-task' });
    expect(await ledger.beginAttempt('t1', signal)).toEqual({ kind: 'unknown-task' });
    expect(await ledger.completed({ taskId: 't1', verified: true, unproven: [] }, signal)).toEqual({
      kind: 'refused',
      reason: 'unknown-task',
    });
    await running(parts);
    await ledger.requestStop(STOP, signal);
    const without = cancellationStore({ ...parts, store: { ...store, getRepo: async () => null } });
    expect(await without.beginAttempt('t1', signal)).toEqual({ kind: 'unknown-task' });
    expect(await store.getRepo(REPO)).not.toBeNull();
  });
});
