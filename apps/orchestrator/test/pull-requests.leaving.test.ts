/** A pull request that is gone, closed or retargeted takes its task along only when its repository stands as it was known. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createActiveClaims } from '../src/cancellation/active-claims.ts';
import { createCancellations } from '../src/cancellation/cancellations.ts';
import type { ServiceContext } from '../src/context.ts';
import type { Standing } from '../src/forges/standing.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import type { Store } from '../src/store/port/index.ts';
import { noTracker } from '../src/trackers/none.ts';
import { lookAt } from '../src/worker/pull-requests/look.ts';
import { memoryStore } from './landing-scene.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { PeopleForge } from './people-forge.ts';
import { ENGINE, REPO, T0 } from './store/world.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(() => store.close());

const signal = new AbortController().signal;

/** A queued pull request becomes something else, while its repository stands so. */
async function after(become: (forge: PeopleForge) => void, standing: Standing): Promise<string> {
  const forge = new PeopleForge();
  const ports = {
    ...{ store, engine: ENGINE, settings: settingsFrom({}), log: silentLog, wakeup: createWakeup(), now: () => T0 },
    ...{ forgeOf: forge.port, lookAtRepository: async () => standing, activeClaims: createActiveClaims() },
    ...{ tracker: noTracker, metrics: createMetrics({ mergeMetrics: false }), workerId: 'w1' },
    ...{ mirrors: { directory: () => '' }, workspaces: { removeStale: async () => {} } },
  } as unknown as ServiceContext;
  const service = { ...ports, cancellations: createCancellations(ports) };
  const look = async () => {
    const repo = await store.getRepo(REPO);
    if (repo === null) throw new Error('it is not registered');
    return lookAt(service, { repo, number: 7, heard: [], readsComments: false, signal });
  };
  forge.put({ labels: ['gatehouse'] });
  await look();
  become(forge);
  const answer = await look();
  const [task] = await store.listTasks({ repoId: REPO, limit: 1 });
  const paused = (await store.getRepo(REPO))?.paused === true ? ', paused' : '';
  return `${answer}, ${task?.stage}${paused}`;
}

const KNOWN: Standing = { kind: 'as-known', forgeId: '7', address: '/forge', hasPullRequests: true };
const WAY = { reason: 'something is in the way', next: 'Mend it' };
const WAYS: readonly (readonly [what: string, become: (forge: PeopleForge) => void])[] = [
  ['gone', (forge) => forge.pullRequests.clear()],
  ['closed', (forge) => forge.put({ state: 'closed' })],
  ['retargeted', (forge) => forge.put({ base: 'trunk' })],
];

test.each(WAYS)('one that is %s leaves where its repository is as it was known', async (_, become) => {
  const { url } = (await store.getRepo(REPO)) ?? { url: '' };
  expect(await after(become, { ...KNOWN, address: url })).toMatch(/^(again|done), cancelled$/);
});

test.each(WAYS)('one that is %s waits where its repository is hidden or has lost its main', async (_, become) => {
  expect(await after(become, { kind: 'hidden', ...WAY })).toBe('again, deploy-staging, paused');
});

test.each(WAYS)('one that is %s waits where its repository is not told of', async (_, become) => {
  expect(await after(become, { kind: 'unsure', reason: 'no answer' })).toBe('again, deploy-staging');
});

test.each(WAYS)('one that is %s waits where pull requests are switched off', async (_, become) => {
  const { url } = (await store.getRepo(REPO)) ?? { url: '' };
  expect(await after(become, { ...KNOWN, address: url, hasPullRequests: false })).toBe('done, deploy-staging');
});
