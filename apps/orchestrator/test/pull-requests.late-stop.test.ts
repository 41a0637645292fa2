/** A stop that was written in time and read too late is answered: whoever wrote it sees that it did nothing. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createActiveClaims } from '../src/cancellation/active-claims.ts';
import { createCancellations } from '../src/cancellation/cancellations.ts';
import type { ServiceContext } from '../src/context.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import type { Store } from '../src/store/port/index.ts';
import { noTracker } from '../src/trackers/none.ts';
import { dispatchOutbox } from '../src/worker/outbox.ts';
import { peopleEffects } from '../src/worker/pull-requests/effects.ts';
import { createHints } from '../src/worker/pull-requests/hints.ts';
import { createWatchMemory, LIST_MS, watchPullRequests } from '../src/worker/pull-requests/watcher.ts';
import { memoryStore } from './landing-scene.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { PeopleForge } from './people-forge.ts';
import { ENGINE, REPO, T0 } from './store/world.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(() => store.close());

const MERGED = 'e'.repeat(40);

/** Queued, then landed by the forge's people; what is written meanwhile is first read once the pull request is closed. */
async function afterLanding(write: (forge: PeopleForge) => void) {
  const [forge, memory, hints] = [new PeopleForge(), createWatchMemory(), createHints()];
  let nowMs = T0;
  const context = {
    ...{ store, engine: ENGINE, settings: settingsFrom({}), log: silentLog, wakeup: createWakeup(), now: () => nowMs },
    ...{ ...forge.inContext(), activeClaims: createActiveClaims(), tracker: noTracker, workerId: 'w1' },
    ...{ metrics: createMetrics({ mergeMetrics: false }), mirrors: { directory: () => '' } },
    workspaces: { removeStale: async () => {} },
  } as unknown as ServiceContext;
  const service = {
    ...context,
    cancellations: createCancellations(context),
    explain: async () => ({ reason: null, warnings: [] }),
    checkOfGate: () => 'check_branch_mergeable' as const,
  };
  const pass = async (): Promise<void> => {
    const repo = await store.getRepo(REPO);
    if (repo === null) throw new Error('it is not registered');
    nowMs += LIST_MS;
    await watchPullRequests(service, repo, { hints, memory, signal: new AbortController().signal });
    await dispatchOutbox({ ...service, people: peopleEffects(service) });
  };
  forge.put({ labels: ['gatehouse'] });
  await pass();
  const [task] = await store.listTasks({ live: true });
  if (task === undefined) throw new Error('nothing was queued');
  write(forge);
  const answer = { kind: 'merged-outside', reason: 'main holds it' } as const;
  const event = { kind: 'landing-answered', answer, atMs: nowMs } as const;
  await store.applyEvent({ taskId: task.id, event, engine: ENGINE, writes: { task: { landedSha: MERGED } } });
  forge.put({ state: 'merged' });
  await pass();
  await pass();
  return {
    comment: forge.comments.get(task.id) ?? '',
    asked: forge.asked.filter((one) => one === 'comments 7').length,
  };
}

test('the comment says that it had landed', async () => {
  const { comment, asked } = await afterLanding((forge) => forge.say('bob', '/gatehouse stop'));
  expect(comment).toMatch(
    /^\*\*Gatehouse\*\*: landed on `main` as e{40}\n\nThe `stop` of `bob` was read when it had landed already\.\n/,
  );
  // With the first list, and once more when it was gone from it.
  expect(asked).toBe(2);
});

test.each<[string, (forge: PeopleForge) => void]>([
  ['whoever may not write is told that alone', (forge) => forge.say('eve', '/gatehouse stop')],
  ['nothing is said where nobody asked', () => {}],
])('%s', async (_, write) => {
  expect((await afterLanding(write)).comment).not.toContain('read when it had landed');
});
