import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Store } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { addTask, answer, claim, ENGINE, LEASE_MS, REPO, tokenOf, withRepo } from './store/world.ts';

/** What the model remembers of a claim: an event under it must count exactly while it was not taken away. */
interface Claim {
  readonly job: NonNullable<Awaited<ReturnType<typeof claim>>>;
  until: number;
}

const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), task: fc.nat(3) }),
  fc.record({ do: fc.constant('claim' as const) }),
  fc.record({
    do: fc.constant('answer' as const),
    which: fc.nat(5),
    verdict: fc.constantFrom(
      { status: 'pass' } as const,
      { status: 'fail' } as const,
      { status: 'defer', cause: 'lock-busy' } as const,
      { status: 'defer', cause: 'infra' } as const,
    ),
  }),
  fc.record({ do: fc.constant('acquire' as const), task: fc.nat(3) }),
  fc.record({ do: fc.constant('stop' as const), task: fc.nat(3) }),
  fc.record({ do: fc.constant('reap' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 2 * LEASE_MS }) }),
);

let store: Store;
beforeEach(async () => {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  store = await withRepo(opened.store);
});
afterEach(() => store.close());

async function mustHold(lastToken: number): Promise<number> {
  const live = await store.listJobs({ live: true });
  const places = live.map((job) => `${job.taskId}/${job.stage}/${job.kind}`);
  expect(new Set(places).size).toBe(places.length);
  for (const task of await store.listTasks()) {
    const rests = task.status === 'blocked' || task.status === 'stopping' || task.stage === 'cancelled';
    if (rests) expect(live.filter((job) => job.taskId === task.id)).toEqual([]);
  }
  const lease = await store.currentLease(REPO);
  if (lease === null) {
    const [head] = await store.listTickets(REPO);
    if (head !== undefined) expect(head.wokenAt).not.toBeNull();
    return lastToken;
  }
  expect(lease.token).toBeGreaterThanOrEqual(lastToken);
  expect(await store.getTask(lease.holder)).not.toMatchObject({ status: 'blocked' });
  return lease.token;
}

test('after any sequence of calls: one live job per place, stale claims fenced, no ticket asleep beside a free lease', async () => {
  let sequence = 0;
  const counted = { fenced: 0, applied: 0, woken: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      sequence += 1;
      const id = (task: number): string => `s${sequence}-t${task}`;
      const claims: Claim[] = [];
      let now = 1_000_000 * sequence;
      let lastToken = 0;
      for (const each of steps) {
        if (each.do === 'add' && (await store.getTask(id(each.task))) === null)
          await addTask(store, id(each.task), { atMs: now });
        if (each.do === 'claim') {
          const job = await claim(store, { nowMs: now });
          if (job !== null) claims.push({ job, until: now + LEASE_MS });
        }
        if (each.do === 'answer') {
          const [taken] = claims.splice(each.which % Math.max(1, claims.length), 1);
          if (taken !== undefined) {
            const current = await store.getJob(taken.job.id);
            const counts = current?.state === 'leased' && current.token === taken.job.token;
            const got = taken.job.kind === 'gate' ? await answer(store, taken.job, each.verdict, now) : null;
            if (got !== null) expect(got.kind === 'fenced').toBe(!counts);
            if (got?.kind === 'fenced') counted.fenced += 1;
            if (got?.kind === 'applied') {
              counted.applied += 1;
              counted.woken += got.woken.length;
            }
            if (got === null) await store.releaseJob(tokenOf(taken.job), { atMs: now, delayMs: 0 });
          }
        }
        if (each.do === 'acquire' && (await store.getTask(id(each.task)))?.status === 'active')
          await store.acquireLease({ repoId: REPO, holder: id(each.task), attempt: 1, atMs: now, ttlMs: LEASE_MS });
        if (each.do === 'stop')
          await store.requestStop({ taskId: id(each.task), reason: 'r', actor: 'a', atMs: now, engine: ENGINE });
        if (each.do === 'reap') {
          const reaped = await store.reapExpired({
            nowMs: now,
            workerId: 'r',
            leaseMs: 1,
            maxAttempts: 99,
            maxRunningMs: 1e9,
          });
          expect(reaped.requeued.every((job) => job.state === 'ready')).toBe(true);
          await store.reapLeases({ nowMs: now, ttlMs: LEASE_MS, engine: ENGINE });
        }
        if (each.do === 'wait') now += each.ms;
        lastToken = await mustHold(lastToken);
      }
    }),
    { numRuns: 150 },
  );
  expect(Object.values(counted).every((times) => times > 0)).toBe(true);
});
