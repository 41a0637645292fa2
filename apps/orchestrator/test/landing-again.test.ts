/** A landing whose first actor was cut off inside the critical window and may still be on its way to the forge. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Store } from '../src/store/port/index.ts';
import { runLandingJob } from '../src/worker/jobs/landing.ts';
import {
  atLanding,
  BASE,
  ELSEWHERE,
  enter,
  fetched,
  HEAD,
  type LandingAnswer,
  landingService,
  memoryStore,
  TESTED,
} from './landing-scene.ts';
import { ENGINE, LEASE_MS, mustClaim, REPO, recordGreen, T0 } from './store/world.ts';

const LATER = T0 + LEASE_MS;

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(() => store.close());

/** The first actor entered the window and stopped; its job was taken back and is claimed by a second one. */
async function secondActor() {
  expect(await enter(store, await atLanding(store))).toBe('entered');
  await store.reapExpired({ nowMs: LATER, workerId: 'w2', leaseMs: LEASE_MS, maxAttempts: 9, maxRunningMs: 1e9 });
  return mustClaim(store, { nowMs: LATER });
}

const REFUSED: LandingAnswer = { kind: 'cannot-land', reason: 'main is protected' };

/** The forge gives this answer, main is at `main`, where the tested commit is not. */
const serviceAt = (main: string, land: LandingAnswer = REFUSED) =>
  landingService(store, {
    land,
    fetches: [fetched({ main })],
    has: (commit) => (commit === TESTED ? 'no' : 'yes'),
    now: () => LATER,
  }).service;

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
  const outcome = await runLandingJob(serviceAt(ELSEWHERE), job, new AbortController().signal);
  expect(outcome).toMatchObject({ kind: 'applied' });
  expect(await store.getTask('t1')).toMatchObject({ status: 'waiting', criticalToken: null });
  expect(await store.currentLease(REPO)).toBeNull();
});

test('a commit that was tested anew inside the window is prepared, scanned and checked like any other, and then lands', async () => {
  const job = await secondActor();
  const writes = { task: { testedSha: ELSEWHERE } };
  await recordGreen(store, 't1', { run: { commit: ELSEWHERE }, gate: { testedSha: ELSEWHERE } });
  await store.applyEvent({ taskId: 't1', event: { kind: 'woken', why: 'timer', atMs: LATER }, engine: ENGINE, writes });
  const { service, asked } = landingService(store, {
    fetches: [fetched({ main: BASE, 'feature/t1': HEAD }), fetched({ main: ELSEWHERE })],
    now: () => LATER,
  });
  const outcome = await runLandingJob(service, job, new AbortController().signal);
  const steps = asked.map(([what]) => what).filter((what) => ['prepare', 'checks', 'land'].includes(what as string));
  expect(steps).toEqual(['prepare', 'checks', 'land']);
  expect(outcome).toMatchObject({ kind: 'applied' });
  expect(await store.getTask('t1')).toMatchObject({ landedSha: ELSEWHERE, criticalToken: null });
});

test('a commit of which no run of the tests is on record is not handed over, and goes back to the gates', async () => {
  const { job } = await atLanding(store);
  await recordGreen(store, 't1', { run: { outcome: 'red' } });
  const { service, asked } = landingService(store, { now: () => T0 });
  const outcome = await runLandingJob(service, job, new AbortController().signal);
  expect(asked.map(([what]) => what)).not.toContain('land');
  expect(outcome).toMatchObject({ kind: 'applied', task: { stage: 'deploy-staging', criticalToken: null } });
  const said = (await store.taskEvents('t1')).find(({ kind }) => kind === 'landing-answered')?.body;
  expect(said).toMatchObject({ answer: { kind: 'base-moved', reason: expect.stringContaining('no green run') } });
});
