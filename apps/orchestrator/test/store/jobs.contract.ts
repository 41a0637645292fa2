import { expect, test } from '@jest/globals';
import type { Subject } from './store.contract.ts';
import {
  addTask,
  answer,
  claim,
  ENGINE,
  LEASE_MS,
  mustAcquire,
  mustClaim,
  REPO,
  T0,
  tokenOf,
  toLanding,
} from './world.ts';

const REAP = { workerId: 'reaper', leaseMs: LEASE_MS, maxAttempts: 2, maxRunningMs: 2_700_000 };

export function jobContract(subject: Subject): void {
  test('two workers never get the same job, whatever connection they use', async () => {
    const { store, again } = subject();
    const other = await again();
    for (let n = 0; n < 20; n += 1) await addTask(store, `t${n}`, { branch: `b${n}` });
    const limits = { agents: 99, gateRuns: 99 };
    const claims = Array.from({ length: 24 }, (_, n) =>
      claim(n % 2 === 0 ? store : other, { limits, workerId: `w${n}` }),
    );
    const got = (await Promise.all(claims)).flatMap((job) => (job === null ? [] : [job.id]));
    expect(got).toHaveLength(20);
    expect(new Set(got).size).toBe(20);
    await other.close();
  });

  test('landing goes first, then the lease holder, then gates by age, then agents', async () => {
    const { store } = subject();
    await addTask(store, 'lander');
    const landing = await toLanding(store, 'lander');
    await store.releaseJob(tokenOf(landing.job), { atMs: T0, delayMs: 0 });
    await store.addRepo({ id: 'two', url: 'u', forge: 'local', main: 'main', profile: 'full', atMs: T0 });
    await addTask(store, 'worker', { repoId: 'two', profile: 'full' });
    await addTask(store, 'early', { repoId: 'two', atMs: T0 - 10 });
    await addTask(store, 'holder', { repoId: 'two', atMs: T0 - 5 });
    await store.acquireLease({ repoId: 'two', holder: 'holder', attempt: 1, atMs: T0, ttlMs: LEASE_MS });
    const order: (string | null)[] = [];
    for (let n = 0; n < 4; n += 1) order.push((await mustClaim(store)).taskId);
    expect(order).toEqual(['lander', 'holder', 'early', 'worker']);
  });

  test('a point of priority is worth ten minutes of age, so nothing starves', async () => {
    const { store } = subject();
    await addTask(store, 'old', { atMs: T0 - 700_000 });
    await addTask(store, 'urgent', { priority: 1 });
    await addTask(store, 'plain', { atMs: T0 - 500_000 });
    const order = [await mustClaim(store), await mustClaim(store), await mustClaim(store)].map((job) => job.taskId);
    expect(order).toEqual(['old', 'urgent', 'plain']);
  });

  test('the limits count what is leased, and landing takes no place', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await toLanding(store, 't1');
    await addTask(store, 't2');
    await addTask(store, 't3');
    await addTask(store, 'a1', { profile: 'full' });
    await addTask(store, 'a2', { profile: 'full' });
    const limits = { agents: 1, gateRuns: 1 };
    expect(await claim(store, { limits })).toMatchObject({ kind: 'gate' });
    expect(await claim(store, { limits })).toMatchObject({ kind: 'agent' });
    expect(await claim(store, { limits })).toBeNull();
    expect(await claim(store, { limits: { agents: 1, gateRuns: 2 }, kinds: ['agent', 'landing'] })).toBeNull();
  });

  test('a check that only reads a report waits for no place, and takes none', async () => {
    const { store } = subject();
    await addTask(store, 'a', { profile: 'full' });
    const work = async (step: 'analyst' | 'architect') => {
      const job = await mustClaim(store);
      const event = { kind: 'agent-answered', step, answer: { kind: 'done' }, atMs: T0 } as const;
      await store.applyEvent({ taskId: 'a', event, engine: ENGINE, job: tokenOf(job) });
    };
    await work('analyst');
    const approved = { kind: 'approved', check: 'check_analysis_approved', by: 'mia', atMs: T0 } as const;
    await store.applyEvent({ taskId: 'a', event: approved, engine: ENGINE });
    await work('architect');
    await addTask(store, 'g1');
    await addTask(store, 'g2');
    const limits = { agents: 1, gateRuns: 1 };
    expect(await claim(store, { limits, kinds: ['gate'] })).toMatchObject({ taskId: 'g1' });
    expect(await claim(store, { limits })).toMatchObject({ kind: 'reading', step: 'check_architecture_done' });
    expect(await claim(store, { limits })).toBeNull();
    expect(await claim(store, { limits: { agents: 1, gateRuns: 2 } })).toMatchObject({ taskId: 'g2' });
  });

  test('a worker is given the kinds alone that it asked for, whatever else is due', async () => {
    const { store } = subject();
    await addTask(store, 'lander');
    const { job } = await toLanding(store, 'lander');
    await store.releaseJob(tokenOf(job), { atMs: T0, delayMs: 0 });
    await addTask(store, 'tested');
    await addTask(store, 'worked', { profile: 'full' });
    expect(await claim(store, { kinds: ['reading', 'probe'] })).toBeNull();
    expect(await claim(store, { kinds: ['reading', 'probe', 'agent'] })).toMatchObject({ taskId: 'worked' });
    expect(await claim(store, { kinds: ['reading', 'probe', 'agent', 'gate'] })).toMatchObject({ taskId: 'tested' });
    expect(await claim(store, { kinds: ['landing'] })).toMatchObject({ taskId: 'lander' });
  });

  test('a probe waits for its time and for a place of the gates, and takes one', async () => {
    const { store } = subject();
    const one = { limits: { agents: 1, gateRuns: 1 } };
    await addTask(store, 'g');
    await store.addProbe({ repoId: REPO, step: 'probe-test', delayMs: 500, atMs: T0 });
    expect(await claim(store, one)).toMatchObject({ taskId: 'g' });
    expect(await claim(store, { ...one, nowMs: T0 + 500 })).toBeNull();
    const two = { limits: { agents: 1, gateRuns: 2 } };
    expect(await claim(store, { ...two, nowMs: T0 + 499 })).toBeNull();
    expect(await claim(store, { ...two, nowMs: T0 + 500 })).toMatchObject({ kind: 'probe' });
    await addTask(store, 'later');
    expect(await claim(store, { ...two, nowMs: T0 + 500 })).toBeNull();
  });

  test('what waits for another where one at a time is asked for waits for nobody where it is not', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await addTask(store, 't2');
    const serial = { agents: 9, gateRuns: 9, serialPerRepo: true };
    expect(await claim(store, { limits: serial })).toMatchObject({ taskId: 't1' });
    expect(await claim(store, { limits: serial })).toBeNull();
    expect(await claim(store)).toMatchObject({ taskId: 't2' });
  });

  test('nothing of a paused repository is claimed, and of a frozen one only agents', async () => {
    const { store } = subject();
    await addTask(store, 'lander');
    const landing = await toLanding(store, 'lander');
    await store.releaseJob(tokenOf(landing.job), { atMs: T0, delayMs: 0 });
    await addTask(store, 'g');
    await addTask(store, 'a', { profile: 'full' });
    const audit = { actor: 'ops', atMs: T0 };
    await store.updateRepo(REPO, { paused: true }, audit);
    expect(await claim(store)).toBeNull();
    await store.updateRepo(REPO, { paused: false, frozenReason: 'main lacks the tested commit' }, audit);
    expect(await claim(store)).toMatchObject({ kind: 'agent' });
    expect(await claim(store)).toBeNull();
    await store.updateRepo(REPO, { frozenReason: null }, audit);
    expect(await claim(store)).toMatchObject({ kind: 'landing' });
    expect(await claim(store)).toMatchObject({ kind: 'gate' });
  });

  test('all jobs of a repository that was paused are claimed after it, in their order, though nothing else happens', async () => {
    const { store } = subject();
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const [at, id] of ids.entries()) await addTask(store, id, { atMs: T0 - 9 + at });
    await store.updateRepo(REPO, { paused: true }, { actor: 'ops', atMs: T0 });
    expect(await claim(store)).toBeNull();
    await store.updateRepo(REPO, { paused: false }, { actor: 'ops', atMs: T0 });
    for (const id of ids) expect(await claim(store)).toMatchObject({ taskId: id });
  });

  test('a delayed job is not claimed before its time', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const job = await mustClaim(store);
    expect(await store.releaseJob(tokenOf(job), { atMs: T0, delayMs: 500 })).toBe('released');
    expect(await claim(store, { nowMs: T0 + 499 })).toBeNull();
    expect(await claim(store, { nowMs: T0 + 500 })).toMatchObject({ id: job.id, attempts: 1, token: job.token + 1 });
  });

  test('a delayed job is due at once when a person wants, which is kept; what waits for no time is left alone', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const makeDue = (taskId: string) => store.makeDue({ taskId, actor: 'a person', atMs: T0 + 1 });
    expect([await makeDue('t1'), await makeDue('ghost')]).toEqual([false, false]);
    const job = await mustClaim(store);
    expect(await makeDue('t1')).toBe(false);
    await store.releaseJob(tokenOf(job), { atMs: T0, delayMs: 86_400_000 });
    expect(await claim(store, { nowMs: T0 + 1 })).toBeNull();
    expect([await makeDue('t1'), await makeDue('t1')]).toEqual([true, false]);
    expect((await claim(store, { nowMs: T0 + 1 }))?.id).toBe(job.id);
    expect(await store.searchEvents({ taskId: 't1', kind: 'made-due', limit: 9 })).toMatchObject([
      { actor: 'a person', at: T0 + 1 },
    ]);
  });

  test('a task waits for its dependencies, a cancelled one sets it free', async () => {
    const { store } = subject();
    await addTask(store, 'first');
    await addTask(store, 'second', { dependsOn: ['first'], priority: 50 });
    expect(await claim(store)).toMatchObject({ taskId: 'first' });
    expect(await claim(store)).toBeNull();
    await store.applyEvent({
      taskId: 'first',
      event: { kind: 'branch-gone', atMs: T0 },
      engine: ENGINE,
    });
    expect(await claim(store)).toMatchObject({ taskId: 'second' });
  });

  test('the serial gate lets one started task of a repository work until it ends or blocks', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await addTask(store, 't2');
    const limits = { agents: 9, gateRuns: 9, serialPerRepo: true };
    const first = await mustClaim(store, { limits });
    expect(first.taskId).toBe('t1');
    expect(await claim(store, { limits })).toBeNull();
    await answer(store, first, { status: 'fail' });
    expect(await claim(store, { limits })).toMatchObject({ taskId: 't2' });
  });

  test('in the serial gate, who comes back from a person queues up behind those who went on meanwhile', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await addTask(store, 't2');
    const limits = { agents: 9, gateRuns: 9, serialPerRepo: true };
    await answer(store, await mustClaim(store, { limits }), { status: 'fail' });
    const second = await mustClaim(store, { limits });
    await store.applyEvent({ taskId: 't1', event: { kind: 'retried', by: 'p', atMs: T0 }, engine: ENGINE });
    await answer(store, second, { status: 'pass' });
    expect(await claim(store, { limits, nowMs: T0 + 1 })).toMatchObject({ taskId: 't2' });
  });

  test('a heartbeat keeps the claim for its own token only', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const job = await mustClaim(store);
    expect(await store.heartbeat(tokenOf(job), { atMs: T0 + 50_000, leaseMs: LEASE_MS })).toBe('kept');
    expect(await store.heartbeat({ jobId: job.id, token: job.token - 1 }, { atMs: T0, leaseMs: 1 })).toBe('lost');
    expect(await store.reapExpired({ ...REAP, nowMs: T0 + 100_000 })).toEqual({ requeued: [], exhausted: [] });
    const { requeued } = await store.reapExpired({ ...REAP, nowMs: T0 + 110_000 });
    expect(requeued).toMatchObject([{ id: job.id, state: 'ready', workerId: null }]);
    expect(await store.heartbeat(tokenOf(job), { atMs: T0 + 110_001, leaseMs: LEASE_MS })).toBe('lost');
    expect(await store.finishJob(tokenOf(job), { state: 'done', atMs: T0 })).toBe('fenced');
    expect(await store.releaseJob(tokenOf(job), { atMs: T0, delayMs: 0 })).toBe('fenced');
  });

  test('the reaper ends a run without progress, and a recorded command restarts its clock', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const job = await mustClaim(store, { leaseMs: 1e9 });
    await store.recordRun(
      {
        repoId: REPO,
        taskId: 't1',
        purpose: 'branch',
        commit: 'c'.repeat(40),
        tree: null,
        command: 'npm test',
        startedAt: T0,
        durationMs: 1000,
        outcome: 'green',
        reason: '',
        exitCode: 0,
        tests: { total: 3 },
        level: 'group',
        leftovers: 0,
        logPath: null,
      },
      tokenOf(job),
    );
    const asked = { ...REAP, maxRunningMs: 5000 };
    expect((await store.reapExpired({ ...asked, nowMs: T0 + 5999 })).requeued).toEqual([]);
    expect((await store.reapExpired({ ...asked, nowMs: T0 + 6000 })).requeued).toHaveLength(1);
  });

  test('a job out of attempts is leased to the reaper, who must answer for it', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await mustClaim(store);
    await store.reapExpired({ ...REAP, nowMs: T0 + LEASE_MS });
    const second = await mustClaim(store, { nowMs: T0 + LEASE_MS });
    const reaped = await store.reapExpired({ ...REAP, nowMs: T0 + 2 * LEASE_MS });
    expect(reaped).toMatchObject({ requeued: [], exhausted: [{ id: second.id, workerId: 'reaper', state: 'leased' }] });
    expect(await answer(store, second, { status: 'pass' })).toEqual({ kind: 'fenced' });
    const [mine] = reaped.exhausted;
    if (mine === undefined) throw new Error('expected an exhausted job');
    // A token that was given before must never be given again.
    expect(mine.token).toBeGreaterThan(second.token);
    expect(await answer(store, mine, { status: 'defer', cause: 'infra' })).toMatchObject({ kind: 'applied' });
  });

  test('a job that ended is never requeued', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await mustClaim(store);
    await store.requestStop({ taskId: 't1', reason: 'r', actor: 'a', atMs: T0, engine: ENGINE });
    expect(await store.reapExpired({ ...REAP, nowMs: T0 + 1e9 })).toEqual({ requeued: [], exhausted: [] });
    expect(await store.listJobs({ taskId: 't1' })).toMatchObject([{ state: 'cancelled' }]);
  });

  test('a probe of main that waiting tasks order is one job, whose claim needs no task', async () => {
    const { store } = subject();
    for (const id of ['t1', 't2']) {
      await addTask(store, id);
      await answer(store, await mustClaim(store), { status: 'pass' });
      await answer(store, await mustClaim(store), { status: 'defer', cause: 'main-broken' });
      const { timerDueAt } = (await store.getTask(id)) ?? {};
      const event = { kind: 'woken', why: 'timer', atMs: timerDueAt ?? 0 } as const;
      expect(await store.applyEvent({ taskId: id, event, engine: ENGINE })).toMatchObject({
        kind: 'applied',
        started: [],
      });
    }
    const live = await store.listJobs({ live: true });
    expect(live).toMatchObject([{ kind: 'probe', step: 'probe-test', taskId: null }]);
    expect(await claim(store, { nowMs: live[0]?.availableAt ?? 0 })).toMatchObject({ kind: 'probe' });
  });

  test('a claim that waits in the queue for another one is not taken for stalled; one that works in silence is', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const token = tokenOf(await mustClaim(store));
    const reap = (nowMs: number) =>
      store.reapExpired({ nowMs, workerId: 'w2', leaseMs: LEASE_MS, maxAttempts: 5, maxRunningMs: 100 });
    expect(await store.heartbeat(token, { atMs: T0 + 90, leaseMs: LEASE_MS, inLine: true })).toBe('kept');
    expect((await reap(T0 + 189)).requeued).toEqual([]);
    expect(await store.heartbeat(token, { atMs: T0 + 189, leaseMs: LEASE_MS })).toBe('kept');
    expect((await reap(T0 + 190)).requeued).toMatchObject([{ id: token.jobId }]);
    expect(await store.heartbeat(token, { atMs: T0 + 191, leaseMs: LEASE_MS, inLine: true })).toBe('lost');
  });

  test('jobs are listed in the order in which they came, and probes of main alone when these are asked for', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const probe = await store.addProbe({ repoId: REPO, step: 'base', delayMs: 0, atMs: T0 });
    await addTask(store, 't2');
    expect((await store.listJobs()).map(({ taskId }) => taskId)).toEqual(['t1', null, 't2']);
    expect((await store.listJobs({ probes: true })).map(({ id }) => id)).toEqual([probe.id]);
    expect(await store.listJobs({ limit: 1 })).toMatchObject([{ taskId: 't1' }]);
  });

  test('a repository has one live probe per step, and gates wait behind an open breaker of their host', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await mustAcquire(store, 't1');
    const fault = { repoId: REPO, cause: 'disk', host: 'h1', taskId: 't1', atOnce: true, atMs: T0 };
    expect(await store.tripBreaker({ ...fault, probe: 'base', alert: 'the disk is full' })).toBe('opened');
    const probe = await store.addProbe({ repoId: REPO, step: 'base', delayMs: 0, atMs: T0 });
    expect((await store.addProbe({ repoId: REPO, step: 'base', delayMs: 0, atMs: T0 })).id).toBe(probe.id);
    const claimed = await mustClaim(store, { host: 'h1' });
    expect(claimed).toMatchObject({ id: probe.id, kind: 'probe', taskId: null });
    expect(await claim(store, { host: 'h1' })).toBeNull();
    expect(await store.finishJob(tokenOf(claimed), { state: 'done', atMs: T0 })).toBe('finished');
    await store.closeBreaker({ repoId: REPO, host: 'h1', atMs: T0 });
    expect(await claim(store, { host: 'h1' })).toMatchObject({ kind: 'gate' });
  });
}
