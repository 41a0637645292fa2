/** What is met at a repository's forge, told once, and when a pause is over. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ServiceContext } from '../src/context.ts';
import type { Standing } from '../src/forges/standing.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import type { Store } from '../src/store/port/index.ts';
import { meetRepository, repositoryLooks } from '../src/worker/repository-look.ts';
import { resumeWhenKnown } from '../src/worker/resume-repository.ts';
import { memoryStore } from './landing-scene.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { REPO } from './store/world.ts';

let [store, nowMs]: [Store, number] = [] as never;
beforeEach(async () => {
  [store, nowMs] = [await memoryStore(), 0];
});
afterEach(() => store.close());

const repository = async () => {
  const found = await store.getRepo(REPO);
  if (found === null) throw new Error('it is not registered');
  return found;
};
const alerts = async () => (await store.claimOutbox({ nowMs: 1e15, leaseMs: 1, limit: 99 })).length;

function service(standing: Standing) {
  let fetches = 0;
  const ports = {
    store,
    log: silentLog,
    now: () => nowMs,
    wakeup: createWakeup(),
    lookAtRepository: async () => standing,
    mirrors: {
      refresh: async () => {
        fetches += 1;
        return { kind: 'fresh' };
      },
    } as unknown as ServiceContext['mirrors'],
  };
  return { ...ports, fetches: () => fetches };
}

const inTheWay = (kind: 'another' | 'archived'): Standing => ({ kind, reason: `it is ${kind}`, next: 'Mend it' });
const asKnown = (address: string): Standing => ({ kind: 'as-known', forgeId: '7', address, hasPullRequests: true });

test('what is in the way pauses once and is told once, and again when it is something else', async () => {
  for (const kind of ['archived', 'archived', 'another', 'another'] as const)
    expect(await meetRepository(service(inTheWay(kind)), await repository())).toBe('in-the-way');
  expect(await repository()).toMatchObject({ paused: true, pausedReason: 'it is another' });
  expect(await alerts()).toBe(2);
});

test('what a job and two watchers find at the same time is told once', async () => {
  const row = await repository();
  const found = [0, 1, 2].map(() => meetRepository(service(inTheWay('archived')), row));
  expect(await Promise.all(found)).toEqual(['in-the-way', 'in-the-way', 'in-the-way']);
  expect(await alerts()).toBe(1);
});

test('a person who paused it has the last word', async () => {
  await store.updateRepo(REPO, { paused: true }, { actor: 'ann', atMs: 0 });
  expect(await meetRepository(service(inTheWay('archived')), await repository())).toBe('in-the-way');
  expect([await repository(), await alerts()]).toEqual([expect.objectContaining({ pausedReason: null }), 0]);
});

test('a renaming is followed, told once with the command, and over when the old name is back', async () => {
  const { url } = await repository();
  expect(await meetRepository(service(asKnown(url)), await repository())).toBe('as-known');
  expect(await repository()).toMatchObject({ forgeId: '7', movedTo: null });
  const old = await repository();
  for (const row of [old, old]) expect(await meetRepository(service(asKnown('/new')), row)).toBe('in-the-way');
  expect(await repository()).toMatchObject({ url, movedTo: '/new', paused: false });
  expect(await meetRepository(service(asKnown('/new')), await repository())).toBe('as-known');
  const told = await store.claimOutbox({ nowMs: 1e15, leaseMs: 1, limit: 99 });
  expect(told).toMatchObject([
    { payload: { text: expect.stringContaining(`gatehouse repo set ${REPO} --address /new`) } },
  ]);
  await meetRepository(service(asKnown(url)), await repository());
  expect(await repository()).toMatchObject({ url, movedTo: null });
});

test('a pause ends when the forge says that nothing is in the way, and not while it says nothing', async () => {
  const looks = repositoryLooks({ now: () => nowMs, settings: settingsFrom({}) });
  const signal = new AbortController().signal;
  await meetRepository(service(inTheWay('another')), await repository());
  for (const standing of [inTheWay('another'), { kind: 'unsure', reason: 'no answer' }] as const) {
    const asked = service(standing);
    await resumeWhenKnown(asked, await repository(), { looks, signal });
    expect([(await repository()).paused, asked.fetches()]).toEqual([true, 0]);
    nowMs += 60_000;
  }
  const known = asKnown((await repository()).url);
  await resumeWhenKnown(service(known), await repository(), { looks, signal });
  expect((await repository()).paused).toBe(false);
});
