/** A landing at a repository that is not the one that was known, or cannot be written: nothing is asked of it, and nothing is counted. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Standing } from '../src/forges/standing.ts';
import type { Store } from '../src/store/port/index.ts';
import { runLandingJob } from '../src/worker/jobs/landing.ts';
import { atLanding, enter, landingService, memoryStore } from './landing-scene.ts';
import { REPO } from './store/world.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(() => store.close());

const KNOWN: Standing = {
  kind: 'as-known',
  forgeId: '7',
  address: '',
  hasPullRequests: true,
};
const ANOTHER: Standing = { kind: 'another', reason: 'its number is 8, and was 7', next: 'Put the right one back' };

/** Lands `t1` while the looks come out so, the last one for all later ones. */
async function landing(
  standings: readonly Standing[],
  first: (ready: Awaited<ReturnType<typeof atLanding>>) => unknown = () => {},
) {
  const ready = await atLanding(store);
  await first(ready);
  const address = (await store.getRepo(REPO))?.url ?? '';
  const left = standings.map((one) => (one.kind === 'as-known' && one.address === '' ? { ...one, address } : one));
  const lookAtRepository = async (): Promise<Standing> =>
    (left.length > 1 ? left.shift() : left[0]) ?? { kind: 'unsure', reason: 'no look is left' };
  const { service, asked } = landingService(store, { rest: { lookAtRepository } });
  const { kind } = await runLandingJob(service, ready.job, new AbortController().signal);
  const { state, attempts } = (await store.getJob(ready.job.id)) ?? {};
  const events = (await store.taskEvents('t1')).map((event) => event.kind);
  return { kind, steps: asked.map(([step]) => step), state, attempts, isAnswered: events.includes('landing-answered') };
}

const WAITS = { kind: 'fenced', state: 'ready', isAnswered: false };

test('another repository is asked for nothing, and the repository is paused with one alert', async () => {
  const { steps, ...found } = await landing([ANOTHER]);
  expect([steps, found]).toEqual([['fetch', 'warning'], expect.objectContaining(WAITS)]);
  expect(await store.getRepo(REPO)).toMatchObject({ paused: true, pausedReason: 'its number is 8, and was 7' });
  const told = await store.claimOutbox({ nowMs: 1e15, leaseMs: 1, limit: 9 });
  expect(told.filter(({ kind }) => kind === 'alert')).toMatchObject([
    { payload: { text: expect.stringContaining('no task was changed by it. Put the right one back') } },
  ]);
});

test('another repository that took the name while checks were waited for does not get the commit', async () => {
  const { steps, ...found } = await landing([KNOWN, ANOTHER]);
  expect(steps).toEqual(['fetch', 'prepare', 'checks', 'warning']);
  expect(found).toMatchObject(WAITS);
  expect((await store.getTask('t1'))?.criticalToken).toBeNull();
});

test('a landing that another worker began is not carried on at another repository', async () => {
  const { steps, ...found } = await landing([ANOTHER], (ready) => enter(store, ready));
  expect(steps).toEqual(['warning']);
  expect(found).toMatchObject(WAITS);
  expect((await store.getTask('t1'))?.criticalToken).not.toBeNull();
});

test('a repository that has moved is written at its new address by the next try', async () => {
  const moved: Standing = { ...KNOWN, address: 'https://git.example/new/app.git' };
  const { steps, ...found } = await landing([moved]);
  expect([steps, found]).toEqual([['fetch', 'warning'], expect.objectContaining(WAITS)]);
  expect(await store.getRepo(REPO)).toMatchObject({ paused: false, movedTo: moved.address, forgeId: '7' });
});

test('a forge that does not tell keeps nothing from landing', async () => {
  const { kind, steps } = await landing([{ kind: 'unsure', reason: 'no answer' }]);
  expect([kind, steps.includes('land')]).toEqual(['applied', true]);
});
