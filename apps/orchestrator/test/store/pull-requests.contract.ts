import { beforeEach, describe, expect, test } from '@jest/globals';
import { addTask, ENGINE, PLAIN_GATE, REPO, type StoreUnderTest, T0, withRepo } from './world.ts';

const WHERE = { repoId: REPO, number: 7, branch: 'feature/x', head: 'a'.repeat(40) } as const;

export function pullRequestContract(subject: () => StoreUnderTest): void {
  describe('pull requests and what arrives about them', () => {
    beforeEach(() => withRepo(subject().store));

    test('what is remembered of one is added, and then changed as far as it is given', async () => {
      const { store } = subject();
      expect(await store.rememberedPullRequest(REPO, 7)).toBeNull();
      await store.rememberPullRequest({ ...WHERE, askedHead: WHERE.head, askedBy: 'ann', askedHow: 'label' }, T0);
      await store.rememberPullRequest({ ...WHERE, head: 'b'.repeat(40), commands: { 'ann stop ': [1, 0] } }, T0 + 1);
      const remembered = await store.rememberedPullRequest(REPO, 7);
      expect(remembered).toMatchObject({
        head: 'b'.repeat(40),
        askedHead: WHERE.head,
        askedBy: 'ann',
        commands: { 'ann stop ': [1, 0] },
        note: null,
        updatedAt: T0 + 1,
      });
      await store.rememberPullRequest({ ...WHERE, number: 3 }, T0);
      expect((await store.rememberedPullRequests(REPO)).map(({ number }) => number)).toEqual([3, 7]);
    });

    test('a task gets its pull request once', async () => {
      const { store } = subject();
      await addTask(store, 't1');
      expect([await store.linkPullRequest('t1', 7), await store.linkPullRequest('t1', 8)]).toEqual([true, false]);
      expect(await store.getTask('t1')).toMatchObject({ pullRequest: 7, version: 2 });
    });

    test('a report of a task with a pull request is told there, too', async () => {
      const { store } = subject();
      await addTask(store, 't1');
      await addTask(store, 't2', { pullRequest: 7 });
      for (const id of ['t1', 't2'])
        await store.requestStop({ taskId: id, reason: 'x', actor: 'x', atMs: T0, engine: ENGINE });
      const mail = await store.claimOutbox({ nowMs: T0, leaseMs: 1, limit: 9 });
      expect(mail.filter(({ kind }) => kind !== 'clean-up').map(({ taskId, kind }) => `${taskId} ${kind}`)).toEqual([
        't1 report',
        't2 report',
        't2 tell',
      ]);
    });

    test('deliveries are settled many at a time', async () => {
      const { store } = subject();
      for (const key of ['a', 'b', 'c'])
        await store.receiveInbox({ source: 'gitea', dedupeKey: key, bodyHash: key, body: 'null', atMs: T0 });
      const [first, second] = await store.pendingInbox(9);
      await store.settleInboxAll([first?.id ?? 0, second?.id ?? 0], T0);
      expect((await store.pendingInbox(9)).map(({ dedupeKey }) => dedupeKey)).toEqual(['c']);
    });

    test('the last runs of a check in one repository say how long it takes', async () => {
      const { store } = subject();
      await withRepo(store, 'other');
      await addTask(store, 't1');
      await addTask(store, 't2', { repoId: 'other' });
      const run = { ...PLAIN_GATE, check: 'c' };
      for (const [id, status, durationMs] of [
        ['t1', 'pass', 1],
        ['t2', 'pass', 2],
        ['t1', 'defer', 3],
        ['t1', 'fail', 4],
      ] as const)
        await store.recordGateRun(id, { ...run, status, durationMs });
      expect(await store.lastDurations({ repoId: REPO, check: 'c', limit: 9 })).toEqual([4, 1]);
      expect(await store.lastDurations({ repoId: REPO, check: 'c', limit: 1 })).toEqual([4]);
      expect(await store.lastDurations({ repoId: REPO, check: 'd', limit: 9 })).toEqual([]);
    });
  });
}
