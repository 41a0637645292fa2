import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Store } from '../src/store/port/index.ts';
import { type Connection, connect } from '../src/store/sqlite/connection.ts';
import { migrate } from '../src/store/sqlite/migrate.ts';
import { storeOn } from '../src/store/sqlite/open.ts';
import { nextToClaim, snapshotOf } from './store/explained-claims.ts';
import { addTask, claim, LEASE_MS, T0, withRepo } from './store/world.ts';

const REPOS = ['app', 'web'];
const HOST = 'here';
const SOON = T0 + 1_000;

const someRepo = fc.nat(REPOS.length - 1);
const someTask = fc.record({
  repo: someRepo,
  kind: fc.constantFrom('gate', 'gate', 'landing', 'agent', 'reading'),
  /** No transition leaves a blocked or stopping task a live job; the claim checks it all the same. */
  life: fc.constantFrom('ready', 'ready', 'ready', 'leased', 'blocked', 'stopping', 'done'),
  dueAt: fc.constantFrom(T0 - 5_000, T0, SOON),
  priority: fc.integer({ min: -1, max: 1 }),
  startedAt: fc.option(fc.constantFrom(T0 - 2, T0 - 1)),
  isInside: fc.nat(7).map((side) => side === 0),
  waitsFor: fc.array(fc.nat(6), { maxLength: 1 }),
});
const someWorld = fc.record({
  repos: fc.tuple(...REPOS.map(() => fc.record({ paused: chance(4), frozen: chance(4), hasBreaker: chance(4) }))),
  tasks: fc.array(someTask, { minLength: 1, maxLength: 7 }),
  probes: fc.array(fc.record({ repo: someRepo, isDue: fc.boolean() }), { maxLength: 2 }),
  holder: fc.option(fc.nat(6)),
  isReleased: chance(3),
  limits: fc.record({
    agents: fc.integer({ min: 0, max: 3 }),
    gateRuns: fc.integer({ min: 0, max: 3 }),
    serialPerRepo: fc.boolean(),
  }),
});
type World = typeof someWorld extends fc.Arbitrary<infer Value> ? Value : never;

/** True once in so many. */
function chance(sides: number): fc.Arbitrary<boolean> {
  return fc.nat(sides - 1).map((side) => side === 0);
}

let connection: Connection;
let store: Store;
beforeAll(() => {
  connection = connect(':memory:');
  migrate(connection);
  store = storeOn(connection);
});
afterAll(() => store.close());

const run = (text: string, values: Record<string, unknown> = {}): void =>
  void connection.sqlite.prepare(text).run(values);

async function build({ repos, tasks, probes, holder, isReleased }: World): Promise<void> {
  for (const table of ['tickets', 'leases', 'breakers', 'task_deps', 'events', 'jobs', 'tasks', 'repos'])
    run(`DELETE FROM ${table}`);
  for (const [at, { paused, frozen, hasBreaker }] of repos.entries()) {
    const id = REPOS[at] ?? '';
    await withRepo(store, id);
    await store.updateRepo(id, { paused, frozenReason: frozen ? 'odd' : null }, { actor: 'test', atMs: T0 });
    for (const [host, state] of [
      ['elsewhere', 'open'],
      [HOST, hasBreaker ? 'open' : 'suspect'],
    ])
      run(`INSERT INTO breakers VALUES (:id, 'disk', :host, :state, NULL, 1)`, { id, host, state });
  }
  for (const [at, { repo }] of tasks.entries()) await addTask(store, `t${at}`, { repoId: REPOS[repo] ?? '' });
  for (const [at, task] of tasks.entries()) shape(`t${at}`, task, tasks.length);
  for (const [at, { repo, isDue }] of probes.entries())
    await store.addProbe({ repoId: REPOS[repo] ?? '', step: `probe-${at}`, delayMs: isDue ? 0 : 1_000, atMs: T0 });
  const held = tasks[holder ?? -1];
  if (held !== undefined)
    run(`INSERT INTO leases VALUES (:repo, :holder, 1, 1, 1, 1, :releasedAt)`, {
      repo: REPOS[held.repo],
      holder: `t${holder}`,
      releasedAt: isReleased ? 1 : null,
    });
}

/** Sets a task and its only job to what was drawn; by hand, as the way there is long and none of it is asked for here. */
function shape(id: string, task: World['tasks'][number], count: number): void {
  const { kind, life, dueAt, priority, startedAt, isInside, waitsFor } = task;
  run(
    `UPDATE tasks SET status = :status, stage = :stage, started_at = :startedAt, critical_token = :token WHERE id = :id`,
    {
      id,
      status: life === 'blocked' || life === 'stopping' ? life : 'active',
      stage: life === 'done' ? 'done' : 'deploy-staging',
      startedAt: life === 'leased' ? (startedAt ?? T0 - 1) : life === 'blocked' ? null : startedAt,
      token: isInside ? 1 : null,
    },
  );
  run(
    `UPDATE jobs SET kind = :kind, state = :state, available_at = :dueAt, priority = :priority,
       sort_key = :dueAt - :priority * 600000, lease_until = :until WHERE task_id = :id`,
    {
      id,
      kind,
      state: life === 'leased' ? 'leased' : life === 'done' ? 'cancelled' : 'ready',
      dueAt,
      priority,
      until: life === 'leased' ? T0 + LEASE_MS : null,
    },
  );
  for (const on of waitsFor)
    if (on < count && `t${on}` !== id) run('INSERT INTO task_deps VALUES (:id, :on)', { id, on: `t${on}` });
}

test('what explains nothing is claimed next, and what is claimed next explains nothing', async () => {
  let [claimed, heldBack] = [0, 0];
  await fc.assert(
    fc.asyncProperty(someWorld, async (world) => {
      await build(world);
      for (;;) {
        const snapshot = await snapshotOf(store, { limits: world.limits, host: HOST, nowMs: T0 });
        const [next] = await nextToClaim(store, snapshot);
        const job = await claim(store, { limits: world.limits, host: HOST });
        expect(job?.id).toBe(next?.id);
        if (job !== null) claimed += 1;
        else heldBack += snapshot.all.filter(({ state }) => state === 'ready').length;
        if (job === null) return;
      }
    }),
    { numRuns: 500 },
  );
  expect(claimed).toBeGreaterThan(200);
  expect(heldBack).toBeGreaterThan(200);
});
