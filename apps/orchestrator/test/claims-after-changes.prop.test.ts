/** Nothing that a claim has found held stays held for longer than it is: whatever happens in between, and however often. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ClaimedJob, Store } from '../src/store/port/index.ts';
import { nextToClaim, snapshotOf } from './store/explained-claims.ts';
import { mustOpen } from './store/temp-store.ts';
import { addTask, answer, claim, ENGINE, LEASE_MS, T0, tokenOf, withRepo } from './store/world.ts';

const REPOS = ['app', 'web'];
const HOST = 'here';
const AUDIT = { actor: 'test', atMs: T0 };

const some = fc.nat(9);
const someStep = fc.oneof(
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('claim' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      repo: fc.nat(1),
      profile: fc.constantFrom('gates-only' as const, 'full' as const),
      priority: fc.integer({ min: -1, max: 1 }),
      waitsFor: fc.option(some),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('answer' as const), job: some, as: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('give-back' as const), job: some, delayMs: fc.constantFrom(0, 700) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold' as const), repo: fc.nat(1), how: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const), repo: fc.nat(1), how: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const), task: some }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retry' as const), task: some }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 800, 20_000, 90_000) }),
  },
);
type Step = typeof someStep extends fc.Arbitrary<infer Value> ? Value : never;
const someLife = fc.record({
  steps: fc.array(someStep, { minLength: 5, maxLength: 80, size: 'max' }),
  limits: fc.record({
    agents: fc.integer({ min: 1, max: 9 }),
    gateRuns: fc.integer({ min: 1, max: 9 }),
    serialPerRepo: fc.boolean(),
  }),
});

const VERDICTS = [
  { status: 'pass' },
  { status: 'fail' },
  { status: 'defer', cause: 'infra' },
  { status: 'defer', cause: 'lock-busy' },
] as const;

type Event = Parameters<Store['applyEvent']>[0]['event'];

function eventOf(job: ClaimedJob, as: number, atMs: number): Event {
  const reason = 'as drawn';
  if (job.kind === 'landing') {
    const landed = as === 0 ? ({ kind: 'landed' } as const) : ({ kind: 'base-moved', reason } as const);
    return { kind: 'landing-answered', answer: landed, atMs };
  }
  const done = as === 1 ? ({ kind: 'tool-failed', reason } as const) : ({ kind: 'done' } as const);
  return { kind: 'agent-answered', step: job.step as 'analyst', answer: done, atMs };
}

/** One life of a store: what is leased, how late it is, and what has been tried. */
class Life {
  readonly store: Store;
  readonly limits: { agents: number; gateRuns: number; serialPerRepo: boolean };
  readonly leased: ClaimedJob[] = [];
  tasks = 0;
  claimed = 0;
  nowMs = T0;

  constructor(store: Store, limits: Life['limits']) {
    this.store = store;
    this.limits = limits;
  }

  async take(step: Step): Promise<void> {
    const { store, nowMs } = this;
    switch (step.kind) {
      case 'claim':
        return void (await this.claim());
      case 'add': {
        const { repo, profile, priority, waitsFor } = step;
        const dependsOn = waitsFor === null || waitsFor >= this.tasks ? [] : [`t${waitsFor}`];
        await addTask(store, `t${this.tasks}`, { repoId: repoAt(repo), profile, priority, dependsOn, atMs: nowMs });
        this.tasks += 1;
        return;
      }
      case 'answer':
        return this.answer(step.job, step.as);
      case 'give-back': {
        const [job] = this.leased.splice(step.job % Math.max(1, this.leased.length), 1);
        if (job !== undefined) await store.releaseJob(tokenOf(job), { atMs: nowMs, delayMs: step.delayMs });
        return;
      }
      case 'hold':
        return this.hold(repoAt(step.repo), step.how);
      case 'open':
        return this.open(repoAt(step.repo), step.how);
      case 'stop':
        await store.requestStop({ taskId: `t${step.task}`, reason: 'no', actor: 'p', atMs: nowMs, engine: ENGINE });
        return;
      case 'retry':
        await this.apply(`t${step.task}`, { kind: 'retried', by: 'p', atMs: nowMs });
        return;
      case 'wait':
        this.nowMs += step.ms;
        await this.reap();
        return;
    }
  }

  /** True: a job was claimed, and it was the right one. */
  async claim(): Promise<boolean> {
    const asked = { limits: this.limits, host: HOST, nowMs: this.nowMs };
    const [next] = await nextToClaim(this.store, await snapshotOf(this.store, asked));
    const job = await claim(this.store, asked);
    expect(job?.id).toBe(next?.id);
    if (job !== null) this.leased.push(job);
    if (job !== null) this.claimed += 1;
    return job !== null;
  }

  private async answer(at: number, as: number): Promise<void> {
    const [job] = this.leased.splice(at % Math.max(1, this.leased.length), 1);
    const { store, nowMs: atMs } = this;
    if (job === undefined) return;
    if (job.kind === 'gate') await answer(store, job, VERDICTS[as] ?? { status: 'pass' }, atMs);
    else if (job.taskId === null) await store.finishJob(tokenOf(job), { state: 'done', atMs });
    else await this.apply(job.taskId, eventOf(job, as, atMs), job);
  }

  private apply(taskId: string, event: Event, job?: ClaimedJob) {
    return this.store.applyEvent({
      taskId,
      event,
      engine: ENGINE,
      ...(job === undefined ? {} : { job: tokenOf(job) }),
    });
  }

  private async hold(repoId: string, how: number): Promise<void> {
    if (how === 0) await this.store.updateRepo(repoId, { paused: true }, AUDIT);
    else if (how === 1) await this.store.updateRepo(repoId, { frozenReason: 'odd' }, AUDIT);
    else
      await this.store.tripBreaker({
        repoId,
        cause: 'test-disk',
        host: how === 2 ? HOST : 'elsewhere',
        taskId: null,
        atOnce: true,
        atMs: this.nowMs,
        probe: 'probe-test',
        alert: 'full',
      });
  }

  private async open(repoId: string, how: number): Promise<void> {
    if (how === 0) await this.store.updateRepo(repoId, { paused: false }, AUDIT);
    else if (how === 1) await this.store.updateRepo(repoId, { frozenReason: null }, AUDIT);
    else await this.store.closeBreaker({ repoId, host: how === 2 ? HOST : 'elsewhere', atMs: this.nowMs });
  }

  async openAll(): Promise<void> {
    for (const repoId of REPOS) for (const how of [0, 1, 2]) await this.open(repoId, how);
    await this.take({ kind: 'wait', ms: 90_000 });
  }

  private async reap(): Promise<void> {
    const { store, nowMs } = this;
    await store.reapExpired({ nowMs, workerId: 'reaper', leaseMs: LEASE_MS, maxAttempts: 99, maxRunningMs: 1e9 });
    for (const { id } of await store.dueTimers(nowMs, 99))
      await this.apply(id, { kind: 'woken', why: 'timer', atMs: nowMs });
  }
}

const repoAt = (at: number): string => REPOS[at] ?? '';

test('whatever changes between two claims, a claim takes what explains nothing', async () => {
  let [claimed, heldBack] = [0, 0];
  await fc.assert(
    fc.asyncProperty(someLife, async ({ steps, limits }) => {
      const store = mustOpen(':memory:');
      for (const id of REPOS) await withRepo(store, id);
      const life = new Life(store, limits);
      for (const step of steps) await life.take(step);
      while (await life.claim());
      heldBack += (await store.listJobs({ live: true })).filter(({ state }) => state === 'ready').length;
      await life.openAll();
      while (await life.claim());
      claimed += life.claimed;
      await store.close();
    }),
    { numRuns: 80 },
  );
  expect(claimed).toBeGreaterThan(300);
  expect(heldBack).toBeGreaterThan(100);
});
