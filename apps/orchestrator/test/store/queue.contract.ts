import { expect, test } from '@jest/globals';
import type { Store } from '../../src/store/port/index.ts';
import type { Subject } from './store.contract.ts';
import { addTask, answer, ENGINE, mustAcquire, mustClaim, REPO, T0, withRepo } from './world.ts';

const LANDED = 'd'.repeat(40);

/** As a landing records it. */
const land = (store: Store, taskId: string, atMs: number) =>
  store.applyEvent({
    taskId,
    event: { kind: 'landing-answered', answer: { kind: 'landed' }, atMs },
    engine: ENGINE,
    writes: { task: { landedSha: LANDED }, leaveCritical: true },
  });

export function queueContract(subject: Subject): void {
  const shown = async (store: Store, limit: number) => {
    const { rows, total } = await store.queueOf({ repoId: REPO, limit });
    return { rows: rows.map(({ task, position }) => `${position} ${task.id}`), total };
  };

  test('the holder of the lease is first, then who has a ticket, then who came first; blocked and foreign ones are in no queue', async () => {
    const { store } = subject();
    await mustAcquire(store, 'b');
    for (const [at, id] of ['red', 'ticketed', 'c', 'b', 'a'].entries())
      await addTask(store, id, { atMs: T0 + (at < 3 ? at : 3) });
    expect((await mustClaim(store, { nowMs: T0 + 10 })).taskId).toBe('b');
    for (const [id, verdict] of [
      ['red', { status: 'fail' }],
      ['ticketed', { status: 'pass' }],
    ] as const) {
      const job = await mustClaim(store, { nowMs: T0 + 10 });
      expect(job.taskId).toBe(id);
      await answer(store, job, verdict);
    }
    const merge = await mustClaim(store, { nowMs: T0 + 10 });
    expect([merge.taskId, merge.step]).toEqual(['ticketed', 'check_branch_mergeable']);
    await answer(store, merge, { status: 'defer', cause: 'lock-busy' });
    await withRepo(store, 'elsewhere');
    await addTask(store, 'foreign', { repoId: 'elsewhere' });
    const all = ['1 b', '2 ticketed', '3 c', '4 a'];
    expect(await shown(store, 9)).toEqual({ rows: all, total: 4 });
    expect(await shown(store, 2)).toEqual({ rows: all.slice(0, 2), total: 4 });
    const places = [];
    for (const id of ['b', 'ticketed', 'c', 'a', 'red', 'nobody'])
      places.push((await store.queuePlace({ id, repoId: REPO }))?.position ?? null);
    expect(places).toEqual([1, 2, 3, 4, null, null]);
    expect(await store.queuePlace({ id: 'c', repoId: REPO })).toEqual({ position: 3, length: 4 });
    expect([await store.queueLength(REPO), await store.queueLength('elsewhere')]).toEqual([4, 1]);
    expect((await store.waitingForPeople({ repoId: REPO, limit: 9 })).map(({ id }) => id)).toEqual(['red']);
  });

  test('a task that landed is out of the queue and counted by when it landed, whatever happens to it later', async () => {
    const { store } = subject();
    for (const id of ['t1', 't2', 't3']) await addTask(store, id);
    expect(await store.getTask('t1')).toMatchObject({ landedAt: null });
    for (const [at, id] of ['t2', 't1'].entries()) {
      for (const step of ['check_security_gate', 'check_branch_mergeable', 'check_ci_green', 'check_coverage_gate']) {
        const event = { kind: 'overridden', check: step, by: 'a', reason: 'r', atMs: T0 } as never;
        await store.applyEvent({ taskId: id, event, engine: ENGINE });
      }
      await land(store, id, T0 + 100 * (at + 1));
    }
    expect(await store.getTask('t1')).toMatchObject({ landedSha: LANDED, landedAt: T0 + 200 });
    const event = { kind: 'retried', by: 'x', atMs: T0 + 900 } as const;
    await store.applyEvent({ taskId: 't2', event, engine: ENGINE, writes: { task: { title: 'later' } } });
    const since = { repoId: REPO, sinceMs: T0, limit: 9 };
    expect((await store.landedTasks(since)).map(({ id }) => id)).toEqual(['t1', 't2']);
    expect(await store.landings(since)).toEqual([
      { createdAt: T0, landedAt: T0 + 200 },
      { createdAt: T0, landedAt: T0 + 100 },
    ]);
    expect(await store.landings({ ...since, sinceMs: T0 + 101 })).toHaveLength(1);
    expect(await store.landings({ ...since, limit: 1 })).toEqual([{ createdAt: T0, landedAt: T0 + 200 }]);
    expect((await shown(store, 9)).rows).toEqual(['1 t3']);
  });

  test('commands are counted by purpose and outcome since then, of their repository alone', async () => {
    const { store } = subject();
    await withRepo(store, 'elsewhere');
    const run = { repoId: REPO, taskId: null, purpose: 'branch', commit: 'c', tree: null, command: 'x', durationMs: 1 };
    const rest = { reason: '', exitCode: 0, tests: null, level: null, leftovers: 0, logPath: null };
    for (const [outcome, startedAt, repoId] of [
      ['green', T0, REPO],
      ['green', T0 + 1, REPO],
      ['red', T0 + 1, REPO],
      ['red', T0 - 1, REPO],
      ['red', T0, 'elsewhere'],
    ] as const)
      await store.recordRun({ ...run, ...rest, outcome, startedAt, repoId } as never);
    expect(await store.countRuns({ repoId: REPO, sinceMs: T0 })).toEqual([
      { purpose: 'branch', outcome: 'green', count: 2 },
      { purpose: 'branch', outcome: 'red', count: 1 },
    ]);
  });
}
