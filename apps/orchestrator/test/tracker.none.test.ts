import { expect, test } from '@jest/globals';
import { cleanUpPort } from '../src/cancellation/clean-up.ts';
import type { CancellationDeps } from '../src/cancellation/port.ts';
import { noTracker } from '../src/trackers/none.ts';
import type { Tracker } from '../src/trackers/port.ts';
import { trackerContract } from './tracker.contract.ts';

trackerContract({ name: 'none', tracker: noTracker });

const { signal } = new AbortController();
const facts = { profile: 'full', branch: 'b', head: null, main: 'main', protectedNames: [] } as const;

/** What a stop does about the issue of a task; null where the task has none. */
function readerOf(tracker: Tracker, planeIssueId: string | null) {
  const store = { getTask: async () => ({ planeIssueId }) };
  return cleanUpPort({ store, tracker } as unknown as CancellationDeps).readIssue;
}

test('a stop reads no issue where there is no tracker', () => {
  expect(readerOf(noTracker, 'i-1')).toBeUndefined();
});

test.each([
  [{ kind: 'gone' }, { kind: 'read', updatedAt: null }],
  [
    { kind: 'unreachable', reason: 'no answer' },
    { kind: 'failed', reason: 'no answer' },
  ],
  [
    { kind: 'issue', issue: { updatedAt: 1_700_000_000_123 } },
    { kind: 'read', updatedAt: 1_700_000_000_123 },
  ],
] as const)('a stop keeps the time that the tracker itself gives: %j', async (found, read) => {
  const tracker = { ...noTracker, name: 'some', issue: async () => found } as unknown as Tracker;
  expect(await readerOf(tracker, 'i-1')?.({ taskId: 't', facts }, signal)).toEqual(read);
});

test('a task that no issue asked for has no time to keep', async () => {
  const tracker: Tracker = { ...noTracker, name: 'some' };
  expect(await readerOf(tracker, null)?.({ taskId: 't', facts }, signal)).toEqual({ kind: 'read', updatedAt: null });
});
