/** A landing whose first actor was cut off inside the critical window and may still be on its way to the forge. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ServiceContext } from '../src/context.ts';
import { localForge } from '../src/forges/local.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import type { Store } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { runLandingJob } from '../src/worker/jobs/landing.ts';
import { addTask, ENGINE, LEASE_MS, mustClaim, REPO, T0, tokenOf, toLanding, withRepo } from './store/world.ts';

const BASE = 'b'.repeat(40);
const TESTED = 'c'.repeat(40);
const LATER = T0 + LEASE_MS;

let store: Store;
beforeEach(async () => {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  store = await withRepo(opened.store);
});
afterEach(() => store.close());

/** The first actor entered the window and stopped; its job was taken back and is claimed by a second one. */
async function secondActor() {
  await addTask(store, 't1');
  const { job, leaseToken } = await toLanding(store, 't1');
  const facts = { baseSha: BASE, testedSha: TESTED };
  const note = { kind: 'woken', why: 'timer', atMs: T0 } as const;
  await store.applyEvent({ taskId: 't1', event: note, engine: ENGINE, writes: { task: facts } });
  const { version } = (await store.getTask('t1')) ?? { version: 0 };
  const entered = await store.enterCritical({ taskId: 't1', version, job: tokenOf(job), leaseToken, atMs: T0 });
  expect(entered.kind).toBe('entered');
  await store.reapExpired({ nowMs: LATER, workerId: 'w2', leaseMs: LEASE_MS, maxAttempts: 9, maxRunningMs: 1e9 });
  return mustClaim(store, { nowMs: LATER });
}

type ForgeAnswer = Awaited<ReturnType<ReturnType<ServiceContext['forgeOf']>['land']>>;
const REFUSED: ForgeAnswer = { kind: 'cannot-land', reason: 'main is protected' };

/** A service with the landing's ports only: the forge gives this answer, main is at `head`. */
function serviceAt(head: string, answer: ForgeAnswer = REFUSED): ServiceContext {
  const ports: Partial<ServiceContext> = {
    store,
    engine: ENGINE,
    mirrors: {
      broken: () => [],
      heads: () => ({}),
      foresee: async () => ({ kind: 'unsure' }),
      directory: () => '',
      refresh: async () => ({ kind: 'fresh', git: { gitDir: '' }, broken: [], heads: { main: head } }),
      hasCommit: async (_repo, { commit }) => (commit === TESTED ? 'no' : 'yes'),
      pin: async () => ({ kind: 'done' }),
      compact: async () => null,
    },
    forgeOf: () => ({
      ...localForge(''),
      prepare: async () => ({ kind: 'prepared' }),
      land: async () => answer,
    }),
    metrics: createMetrics({ mergeMetrics: false }),
    log: silentLog,
    wakeup: createWakeup(),
    now: () => LATER,
    workerId: 'w2',
    settings: { repositories: { pollMs: 5_000 } } as ServiceContext['settings'],
  };
  return ports as ServiceContext;
}

test.each([
  ['a refusal', REFUSED],
  ['a success that main denies', { kind: 'landed' } as const],
])('while main is at the base, %s is not the last word: the first actor could still land', async (_what, answer) => {
  const job = await secondActor();
  expect(await runLandingJob(serviceAt(BASE, answer), job, new AbortController().signal)).toEqual({ kind: 'fenced' });
  expect(await store.getTask('t1')).toMatchObject({ stage: 'deploy', status: 'active', criticalToken: 1 });
  expect(await store.listJobs({ taskId: 't1', live: true })).toMatchObject([{ kind: 'landing', state: 'ready' }]);
  expect(await store.currentLease(REPO)).toMatchObject({ holder: 't1' });
});

test('once main has left the base no push can land on it any more, and the refusal counts', async () => {
  const job = await secondActor();
  const outcome = await runLandingJob(serviceAt('d'.repeat(40)), job, new AbortController().signal);
  expect(outcome).toMatchObject({ kind: 'applied' });
  expect(await store.getTask('t1')).toMatchObject({ status: 'waiting', criticalToken: null });
  expect(await store.currentLease(REPO)).toBeNull();
});
