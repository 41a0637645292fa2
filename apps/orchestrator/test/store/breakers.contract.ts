import { expect, test } from '@jest/globals';
import { addTask, claim, REPO, type StoreUnderTest, T0, withRepo } from './world.ts';

const DAY_MS = 86_400_000;
const BY: Parameters<StoreUnderTest['store']['tripBreaker']>[0] = {
  repoId: REPO,
  cause: 'test-timeout',
  host: 'h',
  taskId: 't1',
  atOnce: false,
  atMs: T0,
  probe: 'probe-test',
  alert: 'tests time out',
};

export function breakersContract(subject: () => StoreUnderTest): void {
  const trip = (more: Partial<typeof BY> = {}) => subject().store.tripBreaker({ ...BY, ...more });
  const close = (more: Partial<Parameters<StoreUnderTest['store']['closeBreaker']>[0]> = {}) =>
    subject().store.closeBreaker({ repoId: REPO, host: 'h', atMs: T0, ...more });
  const alerts = () => subject().store.claimOutbox({ nowMs: T0, leaseMs: 1, limit: 99, kinds: ['alert'] });

  test('a breaker opens at the second task in a row, with one alert and one probe, whichever task comes after', async () => {
    expect([await trip(), await trip()]).toEqual(['suspect', 'suspect']);
    expect(await trip({ taskId: 't2' })).toBe('opened');
    expect([await trip({ taskId: 't3' }), await trip()]).toEqual(['open', 'open']);
    const { store } = subject();
    expect(await store.listJobs({ live: true })).toMatchObject([{ kind: 'probe', step: 'probe-test', taskId: null }]);
    expect(await alerts()).toMatchObject([{ taskId: null, payload: { text: 'tests time out', scope: 'repository' } }]);
    expect(await store.listBreakers(REPO)).toMatchObject([{ state: 'open', taskId: 't2', since: T0 }]);
  });

  test('a fault that no single task can have opens it at once; another cause, host or repository is another breaker', async () => {
    await withRepo(subject().store, 'other');
    expect(await trip()).toBe('suspect');
    const elsewhere = [{ cause: 'test-signal' }, { host: 'h2' }, { repoId: 'other' }];
    for (const more of elsewhere) expect(await trip({ taskId: 't2', ...more })).toBe('suspect');
    expect(await trip({ cause: 'test-disk', atOnce: true })).toBe('opened');
  });

  test('a run that ended by itself breaks the row and forgets a suspicion, but closes nothing that is open', async () => {
    await trip();
    await trip({ cause: 'test-disk', atOnce: true });
    expect(await close({ only: 'suspect', causes: ['test-memory'] })).toBe(0);
    expect(await close({ only: 'suspect' })).toBe(1);
    expect(await trip({ taskId: 't2' })).toBe('suspect');
    expect(await trip()).toBe('opened');
    expect(await close({ only: 'suspect' })).toBe(0);
    expect(await close({ causes: ['test-disk'] })).toBe(1);
    expect(await subject().store.listBreakers()).toMatchObject([{ cause: 'test-timeout', state: 'open' }]);
  });

  test('two tasks whose reports were refuted open nothing more for a day; others still do, and then their reports count', async () => {
    const both = async (atMs: number) => [await trip({ atMs }), await trip({ taskId: 't2', atMs })];
    expect(await both(T0)).toEqual(['suspect', 'opened']);
    expect(await close({ atMs: T0 + 1 })).toBe(1);
    expect(await both(T0 + 2)).toEqual(['own', 'own']);
    expect(await both(T0 + DAY_MS)).toEqual(['own', 'own']);
    expect(await trip({ taskId: 't3', atMs: T0 + 3 })).toBe('suspect');
    expect(await trip({ atMs: T0 + 4 })).toBe('own');
    expect(await trip({ taskId: 't4', atMs: T0 + 5 })).toBe('opened');
    expect(await trip({ atMs: T0 + 6 })).toBe('open');
    expect(await close({ atMs: T0 + 7 })).toBe(1);
    expect(await both(T0 + 7 + DAY_MS)).toEqual(['suspect', 'opened']);
  });

  test('a task that only waited behind an open breaker is as suspect as those who opened it', async () => {
    await trip({ atOnce: true });
    expect(await trip({ taskId: 'bystander' })).toBe('open');
    await close();
    expect(await trip({ taskId: 'bystander', atOnce: true })).toBe('own');
  });

  test('the alert of each opening is one, and a second opening has its own', async () => {
    await trip({ atOnce: true });
    await close();
    expect(await trip({ taskId: 't2', atOnce: true, atMs: T0 + 1 })).toBe('opened');
    const { store } = subject();
    const mail = await store.claimOutbox({ nowMs: T0 + 1, leaseMs: 1, limit: 9 });
    expect(new Set(mail.map(({ dedupeKey }) => dedupeKey)).size).toBe(2);
    expect(await store.listJobs({ live: true })).toHaveLength(1);
  });

  test('gates of the repository wait, even of a lease holder; agents and other hosts go on', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await addTask(store, 'worker', { profile: 'full' });
    await store.acquireLease({ repoId: REPO, holder: 't1', attempt: 1, atMs: T0, ttlMs: 1000 });
    await trip({ atOnce: true });
    const kinds = ['gate', 'landing', 'agent'] as const;
    expect(await claim(store, { host: 'h', kinds })).toMatchObject({ kind: 'agent' });
    expect(await claim(store, { host: 'h', kinds })).toBeNull();
    expect(await claim(store, { host: 'h2', kinds })).toMatchObject({ kind: 'gate', taskId: 't1' });
  });

  test('reports of faults are removed with the old records', async () => {
    await trip({ atOnce: true });
    await close();
    await subject().store.prune(T0 + 1);
    expect(await trip()).toBe('suspect');
  });
}
