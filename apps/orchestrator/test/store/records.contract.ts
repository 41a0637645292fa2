import type { CommandRun } from '@gatehouse/gate-run';
import { LeaseProof } from '@gatehouse/verdict';
import { expect, test } from '@jest/globals';
import type { BaselineRecord, JobToken, Store } from '../../src/store/port/index.ts';
import { restingRuns } from '../../src/worker/resting-runs.ts';
import { baselinePort, GREEN_TTL_MS, resultPort } from '../../src/worker/store-ports.ts';
import type { Subject } from './store.contract.ts';
import { addTask, claim, ENGINE, GREEN_RUN, LEASE_MS, mustAcquire, mustClaim, REPO, T0, tokenOf } from './world.ts';

const KEY = { repoId: REPO, branch: 'main', metric: 'lines' as const, commandHash: 'h' };
const baseline = (seq: number, covered = 90): BaselineRecord => ({
  seq,
  metric: 'lines',
  commandHash: 'h',
  mark: { covered, total: 100, commit: 'a'.repeat(40) },
  ref: { uncovered: 100 - covered, total: 100 },
  last: { covered, total: 100, tree: 'b'.repeat(40), commit: 'a'.repeat(40) },
  files: { 'src/a.ts': [covered, 100] },
});

/** The memory of greens, for a check that ran the test command on these trees. */
async function resultsOf(store: Store, trees: readonly string[], now: () => number = () => T0) {
  const rests = restingRuns();
  for (const tree of trees) {
    const run = { ...GREEN_RUN, tree };
    rests.recorded(run as unknown as CommandRun, await store.recordRun(run));
  }
  return resultPort(store, now, rests);
}

export function recordContract(subject: Subject): void {
  test('a green counts for its exact key and for seven days', async () => {
    const { store } = subject();
    let now = T0;
    const key = { tree: 't', gateDigest: 'g', envDigest: 'e' };
    const results = await resultsOf(store, [key.tree], () => now);
    await results.record(key, 'green');
    expect(await results.lookup(key)).toBe('green');
    expect(await results.lookup({ ...key, envDigest: 'other' })).toBe('none');
    now = T0 + GREEN_TTL_MS;
    expect(await results.lookup(key)).toBe('none');
  });

  test('a red forgets every green of its tree, a flaky only its own', async () => {
    const { store } = subject();
    const results = await resultsOf(store, ['t', 'u']);
    const key = { tree: 't', gateDigest: 'g', envDigest: 'e' };
    const sibling = { ...key, envDigest: 'e2' };
    const stranger = { ...key, tree: 'u' };
    for (const each of [key, sibling, stranger]) await results.record(each, 'green');
    await results.record(key, 'flaky');
    expect([await results.lookup(key), await results.lookup(sibling)]).toEqual(['none', 'green']);
    await results.record(key, 'red');
    expect([await results.lookup(sibling), await results.lookup(stranger)]).toEqual(['none', 'green']);
  });

  test('a green is remembered with the run that earned it, and counts no longer than that run is on record', async () => {
    const { store } = subject();
    const key = { tree: 't', gateDigest: 'g', envDigest: 'e' };
    await (await resultsOf(store, [])).record(key, 'green');
    await store.recordResult(key, { outcome: 'green', runId: 99 }, T0);
    expect(await store.lookupResult(key, { atMs: T0, ttlMs: 1 })).toBeNull();
    const ran = { ...GREEN_RUN, taskId: null, tree: 't' };
    for (const other of [{ outcome: 'red' }, { outcome: 'infra' }, { tree: 'u' }, { tree: null }]) {
      await store.recordResult(key, { outcome: 'green', runId: await store.recordRun({ ...ran, ...other }) }, T0);
      expect(await store.lookupResult(key, { atMs: T0, ttlMs: 1 })).toBeNull();
    }
    const runId = await store.recordRun(ran);
    await store.recordResult(key, { outcome: 'green', runId }, T0 + 9);
    expect(await store.lookupResult(key, { atMs: T0 + 9, ttlMs: 1 })).toBe(runId);
    await store.prune(T0 + 5);
    expect(await store.lookupResult(key, { atMs: T0 + 9, ttlMs: 1 })).toBeNull();
  });

  test('a baseline moves only from the seq that was read, under the lease that is held', async () => {
    const { store } = subject();
    const port = baselinePort(store, KEY, () => T0);
    const proof = new LeaseProof(REPO, 'x', await mustAcquire(store, 'x'));
    expect(await port.read()).toBeNull();
    expect(await port.compareAndSet(0, baseline(1), proof)).toBe(true);
    expect(await port.compareAndSet(0, baseline(1, 50), proof)).toBe(false);
    expect(await port.compareAndSet(1, baseline(2, 95), proof)).toBe(true);
    expect(await port.read()).toEqual(baseline(2, 95));
    const forged = new LeaseProof(REPO, 'x', proof.token + 1);
    expect(await port.compareAndSet(2, baseline(3), forged)).toBe(false);
    expect(await port.compareAndSet(2, baseline(3), new LeaseProof('elsewhere', 'x', proof.token))).toBe(false);
    await store.releaseLease(proof, { atMs: T0 });
    expect(await port.compareAndSet(2, baseline(3), proof)).toBe(false);
    expect((await store.baselineHistory({ repoId: REPO })).map((row) => row.covered)).toEqual([90, 95]);
  });

  test('lines that flap are kept with a baseline, and forgotten with the next that knows none', async () => {
    const { store } = subject();
    const port = baselinePort(store, KEY, () => T0);
    const proof = new LeaseProof(REPO, 'x', await mustAcquire(store, 'x'));
    const flapping = { ...baseline(1), flapping: { 'a.ts': [3, 7] } };
    expect(await port.compareAndSet(0, flapping, proof)).toBe(true);
    expect(await port.read()).toEqual(flapping);
    expect(await port.compareAndSet(1, baseline(2), proof)).toBe(true);
    expect(await port.read()).toEqual(baseline(2));
  });

  test('an override needs no lease, still compares the seq, and says who and why', async () => {
    const { store } = subject();
    const by = { actor: 'ops', reason: 'generated code removed', atMs: T0 };
    expect(await store.overrideBaseline(KEY, { expectedSeq: 7, next: baseline(8), ...by })).toBe(false);
    expect(await store.overrideBaseline(KEY, { expectedSeq: 0, next: baseline(1, 40), ...by })).toBe(true);
    expect(await store.baselineHistory({ repoId: REPO })).toMatchObject([
      { actor: 'ops', reason: by.reason, covered: 40 },
    ]);
    expect(await store.listBaselines(REPO)).toEqual([{ ...KEY, record: baseline(1, 40) }]);
  });

  test('a message is kept once per key, handed out again until acknowledged, and only by its last reader', async () => {
    const { store } = subject();
    const mail = { kind: 'alert', dedupeKey: 'k', payload: { text: 'hello' }, atMs: T0 };
    expect([await store.addOutbox(mail), await store.addOutbox(mail)]).toEqual([true, false]);
    const ask = (nowMs: number) => store.claimOutbox({ nowMs, leaseMs: 1000, limit: 9 });
    const [first] = await ask(T0);
    expect(await ask(T0 + 999)).toEqual([]);
    const [second] = await ask(T0 + 1000);
    if (first === undefined || second === undefined) throw new Error('expected the mail twice');
    expect(second).toMatchObject({ id: first.id, attempts: 2, payload: { text: 'hello' } });
    expect(await store.ackOutbox(first, T0)).toBe(false);
    expect(await store.nackOutbox(second, { error: '429', retryAtMs: T0 + 5000 })).toBe(true);
    expect(await ask(T0 + 4999)).toEqual([]);
    const [third] = await ask(T0 + 5000);
    if (third === undefined) throw new Error('expected the mail again');
    expect(await store.ackOutbox(third, T0 + 5001)).toBe(true);
    expect(await ask(T0 + 1e9)).toEqual([]);
  });

  test('mail given up on is never handed out again', async () => {
    const { store } = subject();
    await store.addOutbox({ kind: 'alert', dedupeKey: 'k', payload: null, atMs: T0 });
    const [row] = await store.claimOutbox({ nowMs: T0, leaseMs: 1, limit: 1, kinds: ['alert'] });
    if (row === undefined) throw new Error('expected the mail');
    await store.nackOutbox(row, { error: 'no such chat', retryAtMs: null });
    expect(await store.claimOutbox({ nowMs: T0 + 1e9, leaseMs: 1, limit: 1 })).toEqual([]);
    expect(await store.queueCounts(T0)).toMatchObject({ outboxPending: 0 });
  });

  test('a delivery is received once per source and stays pending until it is settled', async () => {
    const { store } = subject();
    const mail = { source: 'gitea', dedupeKey: 'sha', bodyHash: 'sha', body: '{}', atMs: T0 };
    expect([await store.receiveInbox(mail), await store.receiveInbox(mail)]).toEqual(['received', 'duplicate']);
    expect(await store.receiveInbox({ ...mail, source: 'plane' })).toBe('received');
    const pending = await store.pendingInbox(10);
    expect(pending).toHaveLength(2);
    await store.settleInbox(pending[0]?.id ?? 0, { atMs: T0, error: 'not ours' });
    expect(await store.pendingInbox(10)).toHaveLength(1);
  });

  test('artefacts are found by their stamp, the newest first', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const report = {
      stage: 'review',
      name: '12-review.md',
      path: 'p',
      codeTree: null,
      createdAt: T0,
    } as const;
    const event = { kind: 'woken', why: 'timer', atMs: T0 } as const;
    const keep = (attempt: number, digest: string, by: { job?: JobToken } = {}) =>
      store.applyEvent({
        taskId: 't1',
        event,
        engine: ENGINE,
        writes: { artefacts: [{ ...report, attempt, digest }] },
        ...by,
      });
    const job = tokenOf(await mustClaim(store));
    expect(await keep(1, 'd')).toMatchObject({ kind: 'ignored' });
    expect(await keep(2, 'd2', { job })).toMatchObject({ kind: 'ignored' });
    expect(await store.findArtefact({ taskId: 't1', name: report.name })).toMatchObject({
      digest: 'd2',
      jobId: job.jobId,
      jobToken: job.token,
    });
    expect(await store.findArtefact({ taskId: 't1', name: report.name, jobId: job.jobId })).toMatchObject({
      digest: 'd2',
    });
    expect(await store.findArtefact({ taskId: 't1', name: report.name, attempt: 1 })).toMatchObject({ digest: 'd' });
    expect(await store.findArtefact({ taskId: 't1', name: report.name, stage: 'testing' })).toBeNull();
    expect(await store.listArtefacts('t1')).toHaveLength(2);
  });

  test('the counts distinguish ready, delayed and leased', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await addTask(store, 't2', { atMs: T0 + 50 });
    await claim(store);
    const counted = (await store.queueCounts(T0)).jobs.filter(({ state }) => state === 'leased');
    expect(await store.leasedCounts()).toEqual(counted.map(({ kind, count }) => ({ kind, count })));
    expect(await store.queueCounts(T0)).toMatchObject({
      jobs: [
        { kind: 'gate', state: 'delayed', count: 1 },
        { kind: 'gate', state: 'leased', count: 1 },
      ],
      tasks: [{ stage: 'deploy-staging', status: 'active', count: 2 }],
      oldestDueAt: null,
    });
    expect(await store.queueCounts(T0 + 60)).toMatchObject({ oldestDueAt: T0 + 50 });
  });

  test('pruning spares live tasks, their trail and every baseline', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const proof = new LeaseProof(REPO, 'x', await mustAcquire(store, 'x'));
    await store.compareAndSetBaseline(KEY, { expectedSeq: 0, next: baseline(1), proof, atMs: T0 });
    await store.recordResult({ tree: 't', gateDigest: 'g', envDigest: 'e' }, { outcome: 'green', runId: 1 }, T0);
    expect(await store.prune(T0 + 1e9)).toBe(1);
    expect(await store.taskEvents('t1')).toHaveLength(1);
    expect(await store.readBaseline(KEY)).not.toBeNull();
  });

  test('a service acquires the lock only when those before it are dead or long silent, and takes their jobs back', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const old = { id: 'old', host: 'h', pid: 1, startTime: '1', version: '0.1.0', startedAt: T0, heartbeatAt: T0 };
    const fresh = { ...old, id: 'fresh', startTime: '2', heartbeatAt: T0 + 1000 };
    expect(await store.registerExclusive({ worker: old, gone: [], silentMs: 60_000 })).toEqual({
      kind: 'acquired',
      reclaimed: 0,
    });
    const claim = { kinds: ['gate'] as const, nowMs: T0, leaseMs: LEASE_MS, limits: { agents: 1, gateRuns: 1 } };
    const job = await store.claimJob({ workerId: 'old', ...claim });
    expect(job).not.toBeNull();
    expect(await store.registerExclusive({ worker: fresh, gone: [], silentMs: 60_000 })).toEqual({
      kind: 'held',
      by: old,
    });
    expect(await store.registerExclusive({ worker: fresh, gone: ['old'], silentMs: 60_000 })).toEqual({
      kind: 'acquired',
      reclaimed: 1,
    });
    expect(await store.listWorkers()).toEqual([fresh]);
    const reaped = await store.reapExpired({
      nowMs: T0 + 1000,
      workerId: 'fresh',
      leaseMs: LEASE_MS,
      maxAttempts: 5,
      maxRunningMs: 60_000,
    });
    expect(reaped.requeued.map(({ id }) => id)).toEqual([job?.id]);
    const later = { ...fresh, id: 'later', heartbeatAt: T0 + 61_001 };
    expect(await store.registerExclusive({ worker: later, gone: [], silentMs: 60_000 })).toMatchObject({
      kind: 'acquired',
    });
  });

  test('what a dead service was sending is sent again, and the lease of its housekeeping is stale, at once', async () => {
    const { store } = subject();
    const old = { id: 'old', host: 'h', pid: 1, startTime: '1', version: '0.1.0', startedAt: T0, heartbeatAt: T0 };
    await store.registerExclusive({ worker: old, gone: [], silentMs: 60_000 });
    await addTask(store, 't1');
    await store.addOutbox({ kind: 'alert', dedupeKey: 'k', payload: {}, atMs: T0 });
    const asked = { nowMs: T0 + 1000, leaseMs: LEASE_MS, limit: 9, kinds: ['alert'] };
    expect(await store.claimOutbox(asked)).toHaveLength(1);
    expect(await store.claimOutbox(asked)).toEqual([]);
    await mustAcquire(store, 'housekeeping');
    const fresh = { ...old, id: 'fresh', startTime: '2', heartbeatAt: T0 + 1000 };
    await store.registerExclusive({ worker: fresh, gone: ['old'], silentMs: 60_000 });
    expect(await store.claimOutbox(asked)).toHaveLength(1);
    const freed = await store.reapLeases({ nowMs: T0 + 1000, ttlMs: LEASE_MS, engine: ENGINE });
    expect(freed.map(({ holder }) => holder)).toEqual(['housekeeping']);
  });

  test('the newest time on record is the later one of the last event and the last heartbeat', async () => {
    const { store } = subject();
    const before = await store.newestTime();
    await store.appendEvent({ repoId: REPO, taskId: null, kind: 'x', body: {}, actor: 'a', at: before + 10 });
    expect(await store.newestTime()).toBe(before + 10);
    const worker = { id: 'w', host: 'h', pid: 1, startTime: '', version: '0.1.0', startedAt: T0 };
    await store.heartbeatWorker({ ...worker, heartbeatAt: before + 20 });
    expect(await store.newestTime()).toBe(before + 20);
  });

  test('a session is found by its hash alone until it ends or has expired', async () => {
    const { store } = subject();
    const terms = { tokenName: 'ann', scope: 'operate', tokenDigest: 'd', createdAt: T0, lastUsedAt: T0 } as const;
    const first = await store.addSession({ ...terms, idHash: 'one', expiresAt: T0 + 10 });
    const second = await store.addSession({ ...terms, idHash: 'two', expiresAt: T0 + 20 });
    expect(await store.findSession('one')).toEqual({ ...terms, id: first, idHash: 'one', expiresAt: T0 + 10 });
    expect((await store.listSessions(T0)).map(({ id }) => id)).toEqual([second, first]);
    expect((await store.listSessions(T0 + 10)).map(({ id }) => id)).toEqual([second]);
    await store.touchSession(second, { atMs: T0 + 15, expiresAt: T0 + 40 });
    expect(await store.findSession('two')).toMatchObject({ lastUsedAt: T0 + 15, expiresAt: T0 + 40 });
    const third = await store.addSession({ ...terms, idHash: 'three', createdAt: T0 + 30, expiresAt: T0 + 50 });
    expect(await store.findSession('one')).toBeNull();
    expect([await store.endSession(third), await store.endSession(third)]).toEqual([true, false]);
    await store.touchSession(third, { atMs: T0, expiresAt: T0 + 99 });
    expect(await store.findSession('three')).toBeNull();
  });

  test('a search of the log answers the newest first, and what is sought is text and no pattern', async () => {
    const { store } = subject();
    const add = (kind: string, actor: string, body: unknown) =>
      store.appendEvent({ repoId: REPO, taskId: null, kind, body, actor, at: T0 });
    const seqs = [
      await add('x', 'ann', { why: '100 %' }),
      await add('y', 'ann', { why: '100 ok' }),
      await add('x', 'bo', {}),
    ];
    const found = async (filter: Omit<Parameters<typeof store.searchEvents>[0], 'limit'>, limit = 10) =>
      (await store.searchEvents({ ...filter, limit })).map(({ seq }) => seqs.indexOf(seq));
    expect(await found({ repoId: REPO, actor: 'ann' })).toEqual([1, 0]);
    expect(await found({ kind: 'x' })).toEqual([2, 0]);
    expect(await found({ text: '100 %' })).toEqual([0]);
    expect(await found({ text: "' OR 1=1 --" })).toEqual([]);
    expect(await found({}, 1)).toEqual([2]);
    expect(await found({ beforeSeq: seqs[2] ?? 0 }, 1)).toEqual([1]);
    expect(await found({ taskId: 'nobody' })).toEqual([]);
  });

  test('workers are known by their last heartbeat', async () => {
    const { store } = subject();
    const worker = { id: 'w', host: 'h', pid: 1, startTime: '', version: '0.1.0', startedAt: T0, heartbeatAt: T0 };
    await store.heartbeatWorker(worker);
    await store.heartbeatWorker({ ...worker, heartbeatAt: T0 + LEASE_MS });
    expect(await store.listWorkers()).toEqual([{ ...worker, heartbeatAt: T0 + LEASE_MS }]);
    await store.removeWorker('w');
    expect(await store.listWorkers()).toEqual([]);
  });
}
