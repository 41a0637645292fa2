/** What the forge itself requires is read before the critical window is entered. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ServiceContext } from '../src/context.ts';
import { localForge } from '../src/forges/local.ts';
import type { Forge } from '../src/forges/port.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import type { Store } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { runLandingJob } from '../src/worker/jobs/landing.ts';
import { addTask, ENGINE, T0, toLanding, withRepo } from './store/world.ts';

const [BASE, HEAD, TESTED] = ['b', 'a', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

let store: Store;
beforeEach(async () => {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  store = await withRepo(opened.store);
});
afterEach(() => store.close());

type Required = Awaited<ReturnType<Forge['requiredChecks']>>;

/** Lets a task land as far as the forge's own requirements; true: the forge was asked to prepare. */
async function landUnder(required: Required): Promise<boolean> {
  await addTask(store, 't1');
  const { job } = await toLanding(store, 't1');
  const facts = { baseSha: BASE, testedSha: TESTED, headSha: HEAD };
  await store.applyEvent({
    taskId: 't1',
    event: { kind: 'woken', why: 'timer', atMs: T0 },
    engine: ENGINE,
    writes: { task: facts },
  });
  const branch = (await store.getTask('t1'))?.branch ?? '';
  let isPrepared = false;
  const ports: Partial<ServiceContext> = {
    store,
    engine: ENGINE,
    mirrors: {
      refresh: async () => ({ kind: 'fresh', git: { gitDir: '' }, broken: [], heads: { main: BASE, [branch]: HEAD } }),
    } as unknown as ServiceContext['mirrors'],
    proveCombined: async () => ({ kind: 'clean' }),
    rescanCombined: async () => ({ kind: 'clean' }),
    forgeOf: () => ({
      ...localForge(''),
      requiredChecks: async ({ commit, main }) => {
        expect([commit, main]).toEqual([TESTED, 'main']);
        return required;
      },
      prepare: async () => {
        isPrepared = true;
        return { kind: 'unprepared', reason: 'far enough' };
      },
    }),
    metrics: createMetrics({ mergeMetrics: false }),
    log: silentLog,
    wakeup: createWakeup(),
    now: () => T0,
    workerId: 'w1',
  };
  await runLandingJob(ports as ServiceContext, job, new AbortController().signal);
  expect(await store.getTask('t1')).toMatchObject({ criticalToken: null });
  return isPrepared;
}

test.each([{ kind: 'green' } as const, { kind: 'unsupported', reason: 'it has none' } as const])(
  'a forge that answers %j is asked to land',
  async (required) => {
    expect(await landUnder(required)).toBe(true);
  },
);

test.each([
  [{ kind: 'pending', reason: 'lint runs' } as const, { kind: 'ci-pending', reason: 'lint runs' }],
  [{ kind: 'red', reason: 'lint is red' } as const, { kind: 'cannot-land', reason: 'lint is red' }],
  [{ kind: 'unreachable', reason: 'no answer' } as const, { kind: 'infra', reason: 'no answer' }],
])('a forge that answers %j is not, and the task hears why', async (required, answer) => {
  expect(await landUnder(required)).toBe(false);
  const heard = (await store.taskEvents('t1')).filter(({ kind }) => kind === 'landing-answered');
  expect(heard).toMatchObject([{ body: { answer } }]);
});
