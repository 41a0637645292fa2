/** What a claim does beside jobs that it may not take, counted in statements: each of them looks at one job. */
import { expect, test } from '@jest/globals';
import { CLAIM_RULES } from '../src/store/claim-rules.ts';
import type { Store } from '../src/store/port/index.ts';
import { connect } from '../src/store/sqlite/connection.ts';
import { migrate } from '../src/store/sqlite/migrate.ts';
import { storeOn } from '../src/store/sqlite/open.ts';
import { addTask, claim, mustClaim, T0, withRepo } from './store/world.ts';

const HOST = 'here';
const LIMITS = { agents: 99, gateRuns: 99, serialPerRepo: true };
const AUDIT = { actor: 'test', atMs: T0 };

interface Counted {
  readonly store: Store;
  readonly sql: (text: string) => void;
  /** How many statements were carried out since it was asked last. */
  readonly steps: () => number;
}

function countedStore(): Counted {
  const { sqlite, ...connection } = connect(':memory:');
  migrate({ sqlite, ...connection });
  let count = 0;
  const prepare = sqlite.prepare.bind(sqlite);
  Object.assign(sqlite, {
    prepare: (text: string) => {
      const statement = prepare(text);
      for (const name of ['get', 'all', 'run'] as const) {
        const carryOut = statement[name].bind(statement);
        const counting = (values: unknown[]): unknown => {
          count += 1;
          return carryOut(values);
        };
        Object.assign(statement, { [name]: counting });
      }
      return statement;
    },
  });
  const steps = () => {
    const counted = count;
    count = 0;
    return counted;
  };
  return { store: storeOn({ sqlite, ...connection }), sql: (text) => void sqlite.exec(text), steps };
}

/** Jobs that a rule holds, each in a repository with the rule's name. */
const HELD: { readonly [Rule in string]: (counted: Counted, count: number) => Promise<unknown> } = {
  paused: async ({ store }, count) => {
    await fill(store, 'paused', count);
    await store.updateRepo('paused', { paused: true }, AUDIT);
  },
  frozen: async ({ store }, count) => {
    await fill(store, 'frozen', count);
    await store.updateRepo('frozen', { frozenReason: 'odd' }, AUDIT);
  },
  inactive: async ({ store, sql }, count) => {
    await fill(store, 'inactive', count);
    sql(`UPDATE tasks SET status = 'blocked' WHERE repo_id = 'inactive'`);
  },
  dependency: async ({ store }, count) => {
    await fill(store, 'dependency', 1);
    for (let at = 1; at <= count; at += 1)
      await addTask(store, `dependency-${at}`, { repoId: 'dependency', dependsOn: ['dependency-0'], priority: 9 });
    await store.updateRepo('dependency', { frozenReason: 'so that the first is held' }, AUDIT);
  },
  'serial-gate': async ({ store, sql }, count) => {
    await fill(store, 'serial-gate', count + 1);
    sql(`UPDATE tasks SET started_at = 1 WHERE id = 'serial-gate-0'`);
    sql(`UPDATE jobs SET state = 'leased', lease_until = 9e15 WHERE task_id = 'serial-gate-0'`);
  },
  breaker: async ({ store }, count) => {
    await fill(store, 'breaker', count);
    const trip = { cause: 'test-disk', taskId: null, atOnce: true, probe: 'probe-test', alert: 'full' };
    await store.tripBreaker({ repoId: 'breaker', host: HOST, atMs: T0, ...trip });
  },
  delayed: async ({ store, sql }, count) => {
    await fill(store, 'delayed', count);
    sql(`UPDATE jobs SET available_at = ${T0 + 1e9}, sort_key = 1 WHERE repo_id = 'delayed'`);
  },
};

async function fill(store: Store, repoId: string, count: number): Promise<void> {
  await withRepo(store, repoId);
  for (let at = 0; at < count; at += 1) await addTask(store, `${repoId}-${at}`, { repoId, priority: 9 });
}

const asked = { host: HOST, limits: LIMITS };

/** Statements of a claim that finds nothing, and of one that finds a job behind all that is held. */
async function costBeside(count: number): Promise<readonly [vain: number, found: number]> {
  const counted = countedStore();
  const { store, steps } = counted;
  for (const hold of Object.values(HELD)) await hold(counted, count);
  while ((await claim(store, asked)) !== null);
  steps();
  expect(await claim(store, asked)).toBeNull();
  const vain = steps();
  await withRepo(store, 'open');
  await addTask(store, 'free', { repoId: 'open' });
  steps();
  expect(await mustClaim(store, asked)).toMatchObject({ taskId: 'free' });
  const found = steps();
  await store.close();
  return [vain, found];
}

test('a claim costs the same beside three jobs that a rule holds and beside eighty, whichever rule it is', async () => {
  const rules: readonly string[] = CLAIM_RULES.filter(({ heldBy }) => heldBy !== 'place').map(({ name }) => name);
  expect(Object.keys(HELD)).toEqual(rules);
  const few = await costBeside(3);
  expect(await costBeside(80)).toEqual(few);
  // The one that finds nothing asks once, and takes no lock.
  expect(few).toEqual([1, 6]);
});
