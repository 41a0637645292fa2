/** A critical window outlives no landing: whoever gives up, retries or stops, main is read before the task goes elsewhere. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServiceContext } from '../src/context.ts';
import type { Store } from '../src/store/port/index.ts';
import { runCheckJob } from '../src/worker/jobs/check.ts';
import { runLandingJob } from '../src/worker/jobs/landing.ts';
import { CLAIM_LEASE_MS, reap } from '../src/worker/reaper.ts';
import {
  atLanding,
  BASE,
  BLIND_TO_WINDOWS,
  ELSEWHERE,
  enter,
  fetched,
  HEAD,
  landingService,
  memoryStore,
  TESTED,
} from './landing-scene.ts';
import { ENGINE, mustClaim, REPO, T0 } from './store/world.ts';

let store: Store;
let nowMs: number;
let ready: Awaited<ReturnType<typeof atLanding>>;
beforeEach(async () => {
  nowMs = T0;
  store = await memoryStore();
  ready = await atLanding(store);
  expect(await enter(store, ready)).toBe('entered');
});
afterEach(() => store.close());

const { signal } = new AbortController();

/** Main is at `main`; the forge has nothing more to say about the push of a service that died. */
function service(main: string, engine = ENGINE): ServiceContext {
  const refused = { kind: 'cannot-land', reason: 'not fast-forward' } as const;
  const limits = { reaperMs: 1e9 };
  const settings = { limits, merge: { leaseTtlMs: 1 }, repositories: { pollMs: 5 } };
  const rest = { engine, settings, checkNamed: () => null } as unknown as Partial<ServiceContext>;
  return landingService(store, {
    land: refused,
    fetches: [fetched({ main, 'feature/t1': HEAD })],
    has: (commit) => (commit === TESTED && main !== TESTED ? 'no' : 'yes'),
    now: () => nowMs,
    rest,
  }).service;
}

/** The service dies over each claim of the landing, until the job is given up. */
async function dieOver(engine = ENGINE): Promise<void> {
  const first = ready.job.id;
  while ((await store.getJob(first))?.state !== 'done') {
    nowMs += CLAIM_LEASE_MS + 1;
    await reap(service(BASE, engine));
    if ((await store.getJob(first))?.state === 'ready') await mustClaim(store, { nowMs });
  }
}

const shown = async () => {
  const { stage, status, state, criticalToken, landedSha } = (await store.getTask('t1')) ?? {};
  return { stage, status, step: state?.step, criticalToken, landedSha, ended: state?.ended };
};
const INSIDE = { stage: 'deploy', status: 'active', step: 'land', criticalToken: 1, landedSha: null, ended: null };
const TOLD = { stage: 'cancelled', landedSha: TESTED, criticalToken: null, ended: 'merged, not deployed' };
const stop = () => store.requestStop({ taskId: 't1', reason: 'no', actor: 'ada', atMs: nowMs, engine: ENGINE });

async function land(main: string): Promise<Awaited<ReturnType<typeof shown>>> {
  nowMs += CLAIM_LEASE_MS;
  const job = await mustClaim(store, { nowMs });
  expect(job.kind).toBe('landing');
  await runLandingJob(service(main), job, signal);
  return shown();
}

describe('a landing whose service dies over every claim', () => {
  test('stays at the landing with its lease, and says so once', async () => {
    await dieOver();
    expect(await shown()).toEqual(INSIDE);
    expect(await store.currentLease(REPO)).toMatchObject({ holder: 't1' });
    const alerts = (await store.listOutbox({ kind: 'alert', state: 'pending', limit: 9 })).map(
      ({ dedupeKey }) => dedupeKey,
    );
    expect(alerts).toEqual(['alert:task:t1:landing-unproven/given-up#1']);
  });

  test('a stop waits for main: landed', async () => {
    await dieOver();
    expect((await stop()).kind).toBe('deferred');
    expect(await land(TESTED)).toMatchObject(TOLD);
  });

  test('a stop waits for main: not landed, or not to be told yet', async () => {
    await dieOver();
    await stop();
    expect(await land(BASE)).toEqual(INSIDE);
    expect(await land(ELSEWHERE)).toMatchObject({ stage: 'cancelled', landedSha: null, ended: 'stopped' });
  });

  test('a stop that came before it is not settled by it', async () => {
    await stop();
    await dieOver();
    expect(await shown()).toEqual(INSIDE);
    expect(await land(TESTED)).toMatchObject(TOLD);
  });
});

describe('a task that an earlier version let go with its window open', () => {
  beforeEach(() => dieOver(BLIND_TO_WINDOWS));

  test('stands at its gates, and a stop is not settled before main was read', async () => {
    expect(await shown()).toMatchObject({ stage: 'deploy-staging', status: 'active', criticalToken: 1 });
    expect((await stop()).kind).toBe('deferred');
    expect(await land(TESTED)).toMatchObject(TOLD);
  });

  test('goes back to its landing before a gate tests anything', async () => {
    nowMs += CLAIM_LEASE_MS;
    await runCheckJob(service(BASE), await mustClaim(store, { nowMs }), signal);
    expect(await shown()).toEqual(INSIDE);
  });

  test('is blocked, and a retry reads main', async () => {
    for (let tries = 0; (await shown()).status !== 'blocked'; tries += 1) {
      expect(tries).toBeLessThan(9);
      const verdict = { status: 'defer', cause: 'infra', reason: 'no disk', findings: [] } as const;
      const event = { kind: 'check-answered', check: 'check_security_gate', verdict, atMs: nowMs } as const;
      await store.applyEvent({ taskId: 't1', event, engine: ENGINE });
    }
    await store.applyEvent({ taskId: 't1', event: { kind: 'retried', by: 'ada', atMs: nowMs }, engine: ENGINE });
    expect(await shown()).toEqual(INSIDE);
    expect(await land(TESTED)).toMatchObject({ stage: 'done', landedSha: TESTED, criticalToken: null });
  });
});
