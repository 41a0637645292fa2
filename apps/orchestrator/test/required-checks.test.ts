/** What the forge itself requires is read before the critical window is entered, and what still runs there keeps the head of the line. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createActiveClaims } from '../src/cancellation/active-claims.ts';
import type { ServiceContext } from '../src/context.ts';
import { localForge } from '../src/forges/local.ts';
import type { Forge } from '../src/forges/port.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import type { Store } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { runLandingJob } from '../src/worker/jobs/landing.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { addTask, ENGINE, REPO, T0, toLanding, withRepo } from './store/world.ts';

const [BASE, HEAD, TESTED, OTHER] = ['b', 'a', 'c', 'd'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];
const SETTINGS = settingsFrom({ ORCH_POLL_S: '0.001', ORCH_MERGE_CI_WAIT_S: '60' });

let store: Store;
beforeEach(async () => {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  store = await withRepo(opened.store);
});
afterEach(() => store.close());

type Required = Awaited<ReturnType<Forge['requiredChecks']>>;
const PENDING: Required = { kind: 'pending', reason: 'lint runs' };

interface World {
  /** What the forge answers, ask by ask; the last one from then on. Ten seconds pass at each. */
  readonly required: readonly Required[];
  readonly onAsk?: (asks: number, claims: ServiceContext['activeClaims']) => void | Promise<void>;
  readonly heads?: (asks: number) => Readonly<Record<string, string>>;
  readonly before?: () => Promise<unknown>;
}

/** Lets a task land as far as the forge's own requirements, `asks` times asked. */
async function landUnder({ required, onAsk = () => {}, heads = () => ({}), before = async () => {} }: World) {
  await addTask(store, 't1');
  await before();
  const { job } = await toLanding(store, 't1');
  const facts = { baseSha: BASE, testedSha: TESTED, headSha: HEAD };
  await store.applyEvent({
    taskId: 't1',
    event: { kind: 'woken', why: 'timer', atMs: T0 },
    engine: ENGINE,
    writes: { task: facts },
  });
  const branch = (await store.getTask('t1'))?.branch ?? '';
  const done: string[] = [];
  const activeClaims = createActiveClaims();
  let asks = 0;
  const ports: Partial<ServiceContext> = {
    settings: SETTINGS,
    store,
    engine: ENGINE,
    activeClaims,
    mirrors: {
      directory: () => '',
      hasCommit: async (_id: string, { commit }: { commit: string }) => (commit === BASE ? 'yes' : 'no'),
      refresh: async () => ({
        kind: 'fresh',
        git: { gitDir: '' },
        broken: [],
        heads: { main: BASE, [branch]: HEAD, ...heads(asks) },
      }),
    } as unknown as ServiceContext['mirrors'],
    proveCombined: async () => ({ kind: 'clean' }),
    rescanCombined: async () => ({ kind: 'clean' }),
    lookAtRepository: async () => ({ kind: 'not-told', reason: 'it has no number' }),
    forgeOf: () => ({
      ...localForge(''),
      prepare: async () => {
        done.push('prepare');
        return { kind: 'prepared' };
      },
      requiredChecks: async ({ commit, main }) => {
        expect([commit, main]).toEqual([TESTED, 'main']);
        asks += 1;
        await onAsk(asks, activeClaims);
        return required[Math.min(asks, required.length) - 1] as Required;
      },
      land: async () => {
        done.push('land');
        return { kind: 'cannot-land', reason: 'far enough' };
      },
    }),
    metrics: createMetrics({ mergeMetrics: false }),
    log: silentLog,
    wakeup: createWakeup(),
    now: () => T0 + asks * 10_000,
    workerId: 'w1',
  };
  const claim = activeClaims.open(job);
  await runLandingJob(ports as ServiceContext, job, claim.signal);
  claim.close();
  expect(await store.getTask('t1')).toMatchObject({ criticalToken: null });
  return { done, asks };
}

const heard = async () => (await store.taskEvents('t1')).filter(({ kind }) => kind === 'landing-answered');

test.each([{ kind: 'green' } as const, { kind: 'unsupported', reason: 'it has none' } as const])(
  'a forge that answers %j is asked to land, once it has the commit',
  async (required) => {
    expect((await landUnder({ required: [required] })).done).toEqual(['prepare', 'land']);
  },
);

test.each([
  [
    { kind: 'red', reason: 'lint is red' } as const,
    { kind: 'cannot-land', reason: 'lint is red; run the check again, or push a mended commit' },
  ],
  [{ kind: 'unreachable', reason: 'no answer' } as const, { kind: 'infra', reason: 'no answer' }],
])('a forge that answers %j is not, and the task hears why', async (required, answer) => {
  expect((await landUnder({ required: [required] })).done).toEqual(['prepare']);
  expect(await heard()).toMatchObject([{ body: { answer } }]);
});

describe('while required checks run', () => {
  test('the commit keeps the lease and its place, says what it waits for, and lands when they are green', async () => {
    const seen: unknown[] = [];
    const onAsk: World['onAsk'] = async (asks, claims) => {
      if (asks < 3) return;
      await addTask(store, 'other', { branch: 'feature/other' });
      const asked = { repoId: REPO, holder: 'other', attempt: 1, atMs: T0, ttlMs: 60_000 };
      seen.push((await store.acquireLease(asked)).kind, claims.awaitedBy('t1'));
    };
    const { done, asks } = await landUnder({ required: [PENDING, PENDING, { kind: 'green' }], onAsk });
    expect([done, asks]).toEqual([['prepare', 'land'], 3]);
    expect(seen).toEqual(['busy', 'waits for required checks of the forge: lint runs']);
  });

  test('a forge that is silent for a while is asked again', async () => {
    const silent: Required = { kind: 'unreachable', reason: 'no answer' };
    expect((await landUnder({ required: [PENDING, silent, { kind: 'green' }] })).done).toEqual(['prepare', 'land']);
  });

  test('a red one ends the wait', async () => {
    expect((await landUnder({ required: [PENDING, { kind: 'red', reason: 'lint is red' }] })).done).toEqual([
      'prepare',
    ]);
    expect(await heard()).toMatchObject([
      {
        body: { answer: { kind: 'cannot-land', reason: 'lint is red; run the check again, or push a mended commit' } },
      },
    ]);
  });

  test('patience has an end, counted from the first ask', async () => {
    const { asks } = await landUnder({ required: [PENDING] });
    expect(asks).toBe(7);
    expect(await heard()).toMatchObject([{ body: { answer: { kind: 'ci-pending', reason: 'lint runs' } } }]);
  });

  test('a worker before this one has asked already: its time counts', async () => {
    const asked = {
      kind: 'checks-awaited',
      body: { commit: TESTED, reason: 'lint runs' },
      actor: 'w0',
      at: T0 - 30_000,
    };
    const before = () => store.appendEvent({ repoId: REPO, taskId: 't1', ...asked });
    expect((await landUnder({ required: [PENDING], before })).asks).toBe(3);
  });

  test('a commit that cannot land any more waits no longer', async () => {
    const { asks } = await landUnder({ required: [PENDING], heads: (asks) => (asks > 1 ? { main: OTHER } : {}) });
    expect(asks).toBe(2);
    expect(await heard()).toMatchObject([{ body: { answer: { kind: 'base-moved' } } }]);
  });

  test('our own push of the tested commit changes nothing, another person’s push does', async () => {
    const heads = (asks: number) => ({ 'feature/t1': asks > 1 ? OTHER : TESTED });
    const { asks } = await landUnder({ required: [PENDING], heads });
    expect(asks).toBe(2);
    expect(await heard()).toMatchObject([
      { body: { answer: { kind: 'base-moved', reason: expect.stringContaining('feature/t1') } } },
    ]);
  });

  test('a stop is carried out at once, and nothing is answered for the task', async () => {
    const onAsk: World['onAsk'] = async (asks, claims) => {
      if (asks < 2) return;
      const { kind } = await store.requestStop({
        taskId: 't1',
        reason: 'enough',
        actor: 'ann',
        atMs: T0,
        engine: ENGINE,
      });
      expect(kind).toBe('stopping');
      for (const claim of claims.of('t1')) void claims.end(claim);
    };
    expect((await landUnder({ required: [PENDING], onAsk })).asks).toBe(2);
    expect(await heard()).toEqual([]);
    expect(await store.getTask('t1')).toMatchObject({ status: 'stopping' });
  });
});
