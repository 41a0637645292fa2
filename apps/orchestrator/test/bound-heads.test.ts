/** A head that was asked for at a pull request is the only one that is run for it; our own push is no other head. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ServiceContext } from '../src/context.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import type { NewTask, Store } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { watchRepo } from '../src/worker/branch-watcher.ts';
import { runCheckJob } from '../src/worker/jobs/check.ts';
import { repositoryLooks } from '../src/worker/repository-look.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { addTask, ENGINE, mustClaim, REPO, T0, withRepo } from './store/world.ts';

const [HEAD, NEXT, TESTED] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const ASKED = { headSha: HEAD, pullRequest: 7, requestedBy: 'ann' } as const;

let store: Store;
beforeEach(async () => {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  store = await withRepo(opened.store);
});
afterEach(() => store.close());

function service(head: string): ServiceContext {
  const heads = { main: 'f'.repeat(40), 'feature/t1': head };
  const ports: Partial<ServiceContext> = {
    store,
    engine: ENGINE,
    settings: settingsFrom({}),
    mirrors: {
      hasCommit: async () => 'no',
      refresh: async () => ({ kind: 'fresh', git: { gitDir: '' }, broken: [], heads }),
    } as unknown as ServiceContext['mirrors'],
    checkNamed: () => {
      throw new Error('something was run');
    },
    lookAtRepository: async () => ({ kind: 'not-told', reason: 'nothing was asked' }),
    log: silentLog,
    wakeup: createWakeup(),
    now: () => T0,
    workerId: 'w1',
  };
  return ports as ServiceContext;
}

const outcomeOf = async (asked: Partial<NewTask>, head: string): Promise<string> => {
  await addTask(store, 't1', asked);
  const job = await mustClaim(store);
  const signal = new AbortController().signal;
  const ended = await runCheckJob(service(head), job, signal).catch((thrown: Error) => ({ kind: thrown.message }));
  await watchRepo(
    service(head),
    (await store.getRepo(REPO)) as never,
    { mains: new Map(), environments: new Map(), looks: repositoryLooks(service(head)) },
    signal,
  );
  return `${ended.kind}, ${(await store.taskEvents('t1')).map(({ kind }) => kind).join(' ')}`;
};

test('another head is not run, and is no event of the task: its pull request is taken back', async () => {
  expect(await outcomeOf(ASKED, NEXT)).toBe('put-off, enqueued');
});

test('what was asked for by the API runs its new head', async () => {
  expect(await outcomeOf({ headSha: HEAD }, NEXT)).toBe('applied, enqueued head-moved');
});

test('the head that was asked for is run', async () => {
  expect(await outcomeOf(ASKED, HEAD)).toBe('something was run, enqueued');
});

test('the tested commit that we pushed is run, as what was asked for', async () => {
  await addTask(store, 't1', ASKED);
  const event = { kind: 'woken', why: 'timer', atMs: T0 } as const;
  await store.applyEvent({ taskId: 't1', event, engine: ENGINE, writes: { task: { testedSha: TESTED } } });
  const job = await mustClaim(store);
  await expect(runCheckJob(service(TESTED), job, new AbortController().signal)).rejects.toThrow('something was run');
});
