import { LeaseProof } from '@gatehouse/verdict';
import { expect, test } from '@jest/globals';
import type { Store } from '../../src/store/port/index.ts';
import { leasePort } from '../../src/worker/store-ports.ts';
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
  withRepo,
} from './world.ts';

const proofOf = (holder: string, token: number): LeaseProof => new LeaseProof(REPO, holder, token);
const ask = (store: Store, holder: string, atMs: number = T0) =>
  store.acquireLease({ repoId: REPO, holder, attempt: 1, atMs, ttlMs: LEASE_MS });

/** The task finds a busy lease and takes its place in the queue. */
async function queueUp(store: Store, id: string, extra: Parameters<typeof addTask>[2] = {}): Promise<void> {
  await addTask(store, id, extra);
  await answer(store, await mustClaim(store), { status: 'pass' });
  await answer(store, await mustClaim(store), { status: 'defer', cause: 'lock-busy' });
}

export function leaseContract(subject: Subject): void {
  test('one holder at a time; asking again answers the same token', async () => {
    const { store } = subject();
    expect(await mustAcquire(store, 'x')).toBe(1);
    expect(await mustAcquire(store, 'x')).toBe(1);
    expect(await ask(store, 'y')).toEqual({ kind: 'busy', holder: 'x' });
    expect(await store.currentLease(REPO)).toMatchObject({ holder: 'x', token: 1 });
  });

  test('the leases that are held are listed by repository', async () => {
    const { store } = subject();
    for (const repoId of ['b', 'c', 'a']) {
      await store.addRepo({ id: repoId, url: 'u', forge: 'local', main: 'main', profile: 'full', atMs: T0 });
      await store.acquireLease({ repoId, holder: `of ${repoId}`, attempt: 1, atMs: T0, ttlMs: LEASE_MS });
    }
    await store.releaseLease(new LeaseProof('b', 'of b', 1), { atMs: T0 });
    expect((await store.listLeases()).map(({ holder }) => holder)).toEqual(['of a', 'of c']);
  });

  test('the token only grows, over releases and take-overs', async () => {
    const { store } = subject();
    const tokens: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const token = await mustAcquire(store, `h${round}`);
      tokens.push(token);
      expect(await store.releaseLease(proofOf(`h${round}`, token), { atMs: T0 })).toMatchObject({ kind: 'released' });
    }
    tokens.push(await mustAcquire(store, 'dead'));
    tokens.push(await mustAcquire(store, 'next', T0 + LEASE_MS));
    expect(tokens).toEqual([1, 2, 3, 4, 5]);
  });

  test('a proof that was overtaken can neither renew nor release', async () => {
    const { store } = subject();
    const old = proofOf('slow', await mustAcquire(store, 'slow'));
    expect(await store.renewLease(old, T0 + LEASE_MS - 1)).toBe(true);
    expect(await ask(store, 'next', T0 + 2 * LEASE_MS - 2)).toMatchObject({ kind: 'busy' });
    await mustAcquire(store, 'next', T0 + 2 * LEASE_MS - 1);
    expect(await store.renewLease(old, T0)).toBe(false);
    expect(await store.leaseHeld(old)).toBe(false);
    expect(await store.releaseLease(old, { atMs: T0 })).toEqual({ kind: 'not-held' });
    expect(await store.currentLease(REPO)).toMatchObject({ holder: 'next' });
  });

  test('who has the lease anew neither renews nor holds it by the proof of before', async () => {
    const { store } = subject();
    const before = proofOf('x', await mustAcquire(store, 'x'));
    await store.releaseLease(before, { atMs: T0 });
    const now = proofOf('x', await mustAcquire(store, 'x'));
    expect([await store.renewLease(before, T0 + 1), await store.leaseHeld(before)]).toEqual([false, false]);
    expect([await store.renewLease(now, T0 + 1), await store.leaseHeld(now)]).toEqual([true, true]);
  });

  test('while tickets exist only the head acquires, and acquiring uses its ticket up', async () => {
    const { store } = subject();
    const first = proofOf('x', await mustAcquire(store, 'x'));
    await queueUp(store, 't1');
    await queueUp(store, 't2');
    expect((await store.listTickets(REPO)).map((ticket) => ticket.taskId)).toEqual(['t1', 't2']);
    expect(await store.releaseLease(first, { atMs: T0 })).toEqual({ kind: 'released', woken: 't1' });
    expect(await ask(store, 't2')).toEqual({ kind: 'busy', holder: 't1' });
    expect(await ask(store, 'newcomer')).toEqual({ kind: 'busy', holder: 't1' });
    await mustAcquire(store, 't1');
    expect((await store.listTickets(REPO)).map((ticket) => ticket.taskId)).toEqual(['t2']);
  });

  test('a release with the engine wakes the head task in the same transaction', async () => {
    const { store } = subject();
    const proof = proofOf('x', await mustAcquire(store, 'x'));
    await queueUp(store, 't1');
    await store.releaseLease(proof, { atMs: T0 + 1, engine: ENGINE });
    expect(await store.getTask('t1')).toMatchObject({ status: 'active' });
    expect(await mustClaim(store, { nowMs: T0 + 1 })).toMatchObject({ taskId: 't1', kind: 'gate' });
  });

  test('a release without the engine leaves a lasting note of whom to wake', async () => {
    const { store } = subject();
    const proof = proofOf('x', await mustAcquire(store, 'x'));
    await queueUp(store, 't1');
    expect(await store.wokenTickets()).toEqual([]);
    await store.releaseLease(proof, { atMs: T0 + 1 });
    expect(await store.wokenTickets()).toMatchObject([{ taskId: 't1', wokenAt: T0 + 1 }]);
    const event = { kind: 'woken', why: 'lease-free', atMs: T0 + 2 } as const;
    await store.applyEvent({ taskId: 't1', event, engine: ENGINE });
    expect(await store.wokenTickets()).toEqual([]);
    expect(await store.listTickets(REPO)).toHaveLength(1);
  });

  test('a ticket taken after the lease became free is woken at once', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await answer(store, await mustClaim(store), { status: 'pass' });
    const asked = await mustClaim(store);
    const late = await answer(store, asked, { status: 'defer', cause: 'lock-busy' });
    expect(late).toMatchObject({ kind: 'applied', woken: ['t1'], task: { status: 'active' } });
    expect(await store.listJobs({ taskId: 't1', live: true })).toHaveLength(1);
  });

  test('a head that goes away lets the next one in', async () => {
    const { store } = subject();
    const proof = proofOf('x', await mustAcquire(store, 'x'));
    await queueUp(store, 't1');
    await queueUp(store, 't2');
    await store.releaseLease(proof, { atMs: T0, engine: ENGINE });
    await store.requestStop({ taskId: 't1', reason: 'r', actor: 'a', atMs: T0, engine: ENGINE });
    expect(await store.getTask('t2')).toMatchObject({ status: 'active' });
    expect((await store.listTickets(REPO)).map((ticket) => ticket.taskId)).toEqual(['t2']);
    expect(await store.dropTicket({ repoId: REPO, taskId: 't2', atMs: T0 })).toBe(true);
    expect(await store.dropTicket({ repoId: REPO, taskId: 't2', atMs: T0 })).toBe(false);
  });

  test('a woken head that meets a new holder keeps its place and is woken again', async () => {
    const { store } = subject();
    const first = proofOf('x', await mustAcquire(store, 'x'));
    await queueUp(store, 't1');
    await queueUp(store, 't2');
    await store.releaseLease(first, { atMs: T0, engine: ENGINE });
    const second = proofOf('t1', await mustAcquire(store, 't1'));
    const answered = await answer(store, await mustClaim(store), { status: 'defer', cause: 'lock-busy' });
    expect(answered).toMatchObject({ kind: 'applied', woken: ['t2'] });
    expect((await store.listTickets(REPO)).map((ticket) => ticket.taskId)).toEqual(['t2', 't1']);
    expect(await store.releaseLease(second, { atMs: T0 })).toEqual({ kind: 'not-held' });
  });

  test('every answer of a check but pass and skip frees the lease in its own transaction', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await answer(store, await mustClaim(store), { status: 'pass' });
    const merge = await mustClaim(store);
    await mustAcquire(store, 't1');
    await answer(store, merge, { status: 'pass' });
    expect(await store.currentLease(REPO)).toMatchObject({ holder: 't1' });
    await answer(store, await mustClaim(store), { status: 'defer', cause: 'infra' });
    expect(await store.currentLease(REPO)).toBeNull();
  });

  test('a holder that gives the lease back and goes on wakes the head, though it leaves no place in the queue', async () => {
    const { store } = subject();
    await addTask(store, 'holds');
    await answer(store, await mustClaim(store), { status: 'pass' });
    const merge = await mustClaim(store);
    await mustAcquire(store, 'holds');
    await queueUp(store, 'next');
    const gaveBack = await answer(store, merge, { status: 'defer', cause: 'infra' });
    expect(gaveBack).toMatchObject({ kind: 'applied', task: { status: 'active' }, woken: ['next'] });
    expect(await store.getTask('next')).toMatchObject({ status: 'active' });
  });

  test('a head whose job was put off is let in at once where the lease becomes free', async () => {
    const { store } = subject();
    const proof = proofOf('x', await mustAcquire(store, 'x'));
    await queueUp(store, 'next', { priority: 5 });
    await store.applyEvent({ taskId: 'next', event: { kind: 'woken', why: 'lease-free', atMs: T0 }, engine: ENGINE });
    const job = await mustClaim(store);
    await store.releaseJob(tokenOf(job), { atMs: T0, delayMs: 86_400_000 });
    expect(await claim(store, { nowMs: T0 + 1 })).toBeNull();
    await store.releaseLease(proof, { atMs: T0 + 1 });
    // Its priority counts as ever.
    await addTask(store, 'older', { atMs: T0, priority: 4 });
    expect(await claim(store, { nowMs: T0 + 1 })).toMatchObject({ id: job.id, taskId: 'next' });
    expect(await claim(store, { nowMs: T0 + 1 })).toMatchObject({ taskId: 'older' });
  });

  test('the lease reaper spares whoever renewed in time, and frees the others', async () => {
    const { store } = subject();
    await withRepo(store, 'elsewhere');
    const renewed = proofOf('fresh', await mustAcquire(store, 'fresh'));
    await store.acquireLease({ repoId: 'elsewhere', holder: 'dead', attempt: 1, atMs: T0, ttlMs: LEASE_MS });
    await store.renewLease(renewed, T0 + LEASE_MS / 2);
    const reaped = await store.reapLeases({ nowMs: T0 + LEASE_MS, ttlMs: LEASE_MS, engine: ENGINE });
    expect(reaped.map(({ holder }) => holder)).toEqual(['dead']);
    expect((await store.listLeases()).map(({ holder }) => holder)).toEqual(['fresh']);
  });

  test('notes of whom to wake are read in the order of their tickets', async () => {
    const { store } = subject();
    const free: (() => Promise<unknown>)[] = [];
    for (const repoId of ['second', 'first']) {
      await withRepo(store, repoId);
      const held = await store.acquireLease({ repoId, holder: 'x', attempt: 1, atMs: T0, ttlMs: LEASE_MS });
      if (held.kind !== 'acquired') throw new Error('expected the lease');
      await queueUp(store, `of ${repoId}`, { repoId });
      free.unshift(() => store.releaseLease(new LeaseProof(repoId, 'x', held.token), { atMs: T0 }));
    }
    for (const release of free) await release();
    expect((await store.wokenTickets()).map(({ taskId }) => taskId)).toEqual(['of second', 'of first']);
  });

  test('the lease reaper spares who still works and who is inside the critical window', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const { job, leaseToken } = await toLanding(store, 't1');
    const late = { nowMs: T0 + 10 * LEASE_MS, ttlMs: LEASE_MS, engine: ENGINE };
    expect(await store.reapLeases(late)).toEqual([]);
    const task = await store.getTask('t1');
    const enter = { taskId: 't1', version: task?.version ?? 0, job: tokenOf(job), leaseToken, atMs: T0 };
    expect(await store.enterCritical(enter)).toMatchObject({ kind: 'entered' });
    await store.releaseJob(tokenOf(job), { atMs: T0, delayMs: 0 });
    expect(await store.reapLeases(late)).toEqual([]);
    expect(await ask(store, 'thief', late.nowMs)).toEqual({ kind: 'busy', holder: 't1' });
    expect(await store.releaseLease(proofOf('t1', leaseToken), { atMs: T0 })).toEqual({ kind: 'critical' });
    await store.leaveCritical({ taskId: 't1', criticalToken: leaseToken, atMs: T0 });
    expect(await store.reapLeases(late)).toMatchObject([{ holder: 't1', token: leaseToken }]);
  });

  test('a claim that was taken away is granted nothing, and gives back nothing of the claim after it', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await answer(store, await mustClaim(store), { status: 'pass' });
    const slept = await mustClaim(store);
    const grant = { repoId: REPO, holder: 't1', attempt: 1, atMs: T0, ttlMs: 10 * LEASE_MS };
    const early = await store.acquireLease({ ...grant, job: tokenOf(slept) });
    if (early.kind !== 'acquired') throw new Error('expected the lease');

    const reap = { workerId: 'w2', leaseMs: LEASE_MS, maxAttempts: 9, maxRunningMs: 1e9 };
    await store.reapExpired({ ...reap, nowMs: T0 + LEASE_MS });
    const living = await mustClaim(store, { nowMs: T0 + LEASE_MS });
    const late = await store.acquireLease({ ...grant, job: tokenOf(living) });
    if (late.kind !== 'acquired') throw new Error('expected the lease');

    expect(late.token).toBeGreaterThan(early.token);
    expect(await store.acquireLease({ ...grant, job: tokenOf(slept) })).toEqual({ kind: 'fenced' });
    expect(await store.releaseLease(early.proof, { atMs: T0 })).toEqual({ kind: 'not-held' });
    expect(await store.leaseHeld(late.proof)).toBe(true);
  });

  test('as a lease port it grants, renews, loses and releases', async () => {
    const { store } = subject();
    const lease = leasePort(store, { now: () => T0, ttlMs: LEASE_MS, retryAfterMs: 500 });
    const asked = await lease.acquire({ repo: REPO, holder: 'x' });
    if (asked.kind !== 'acquired') throw new Error('expected the lease');
    expect(LeaseProof.isMinted(asked.proof)).toBe(true);
    expect(await lease.acquire({ repo: REPO, holder: 'y' })).toEqual({ kind: 'busy', holder: 'x', retryAfterMs: 500 });
    expect(await lease.renew(asked.proof)).toBe(true);
    await lease.release(asked.proof);
    expect(await lease.held(asked.proof)).toBe(false);
    expect(await store.leaseOf(REPO, 'x')).toBeNull();
  });
}
