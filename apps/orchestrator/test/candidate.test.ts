/** What holds the merge lease: one task alone, or several together. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serializeMeasurement } from '../src/checks/coverage-measurement.ts';
import { type CombinedCommit, rescanCombined } from '../src/checks/rescan-combined.ts';
import type { ServiceContext } from '../src/context.ts';
import { silentLog } from '../src/platform/logger.ts';
import { holderOf, type TestedCandidate, tellMembers, testedAlone, untestedAlone } from '../src/store/candidate.ts';
import type { Artefact, Repository, Store, Task } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { ratchetAfterLanding } from '../src/worker/ratchet.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { addTask, mustAcquire, REPO, T0, withRepo } from './store/world.ts';

const [BASE, TESTED, OTHER] = ['b', 'c', 'd'].map((digit) => digit.repeat(40)) as [string, string, string];

let store: Store;
let [one, two]: Task[] = [];
beforeEach(async () => {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  store = await withRepo(opened.store);
  one = await addTask(store, 't1');
  two = await addTask(store, 't2');
});
afterEach(() => store.close());

const together = (): TestedCandidate => {
  if (one === undefined || two === undefined) throw new Error('no tasks');
  return { base: BASE, members: [one, two], tested: TESTED };
};
const alone = (facts: Partial<Task> = {}): Task => ({ ...together().members[0], ...facts });

test('a task alone is a candidate of one, and holds the lease in its own name', () => {
  const task = alone({ baseSha: BASE, testedSha: TESTED });
  expect(testedAlone(task)).toEqual({ base: BASE, members: [task], tested: TESTED });
  expect(untestedAlone(task, OTHER)).toEqual({ base: OTHER, members: [task], tested: null });
  expect(holderOf(untestedAlone(task, OTHER))).toBe('t1');
});

test.each([
  { baseSha: null, testedSha: TESTED },
  { baseSha: BASE, testedSha: null },
])('a task of which nothing was tested (%j) is no candidate', (facts) => {
  expect(testedAlone(alone(facts))).toBeNull();
});

test('in company the lease is held in the name of the first', () => {
  expect(holderOf(together())).toBe('t1');
});

describe('what became of a candidate', () => {
  const applyAll = async (first: string) => {
    const told: string[] = [];
    const outcome = await tellMembers(together(), async ({ id }) => {
      told.push(id);
      return { kind: told.length === 1 ? first : 'ignored' };
    });
    return { told, outcome };
  };

  test('is applied to every member in landing order, and the first one’s outcome counts', async () => {
    expect(await applyAll('applied')).toEqual({ told: ['t1', 't2'], outcome: { kind: 'applied' } });
  });

  test.each(['fenced', 'ignored', 'stale'])('is applied to no other member when the first one is %s', async (kind) => {
    expect(await applyAll(kind)).toEqual({ told: ['t1'], outcome: { kind } });
  });
});

describe('the baseline after a landing', () => {
  const commandHash = 'e'.repeat(64);
  const measuredOn = (commit: string): string =>
    serializeMeasurement({
      commit,
      tree: 'f'.repeat(40),
      commandHash,
      measured: {
        metric: 'lines',
        format: 'lcov',
        covered: 3,
        total: 4,
        files: { 'a.mjs': [3, 4] },
        reportSha256: 'd'.repeat(64),
      },
    });

  /** Ratchets over members whose kept measurements are about these commits; gives the commit of the baseline. */
  async function ratcheted(kept: Readonly<Record<string, string>>): Promise<string | null> {
    await mustAcquire(store, 't1');
    const proof = await store.leaseOf(REPO, 't1');
    if (proof === null) throw new Error('the lease is not held');
    const ports = {
      log: silentLog,
      now: () => T0,
      store: {
        ...store,
        findArtefact: async ({ taskId }: { taskId: string }) =>
          kept[taskId] === undefined ? null : ({ path: taskId } as Artefact),
      },
      workspaces: { readStoredReport: async ({ path }: Artefact) => measuredOn(kept[path] ?? '') },
    } as unknown as ServiceContext;
    const repo = { id: REPO, main: 'main' } as Repository;
    await ratchetAfterLanding({ service: ports, repo, candidate: together() }, proof);
    const key = { repoId: REPO, branch: 'main', metric: 'lines', commandHash } as const;
    return (await store.readBaseline(key))?.last.commit ?? null;
  }

  test('moves to what any member measured on the very commit', async () => {
    expect(await ratcheted({ t1: OTHER, t2: TESTED })).toBe(TESTED);
  });

  test('stays where no member measured that commit', async () => {
    expect(await ratcheted({ t1: OTHER })).toBeNull();
    expect(await ratcheted({})).toBeNull();
  });
});

test.each([
  [['check_security_gate'], ['check_security_gate'], false],
  [['check_security_gate'], [], true],
  [[], [], true],
])('the combined commit is scanned unless every member was let past: %j, %j', async (first, second, isScanned) => {
  let isAsked = false;
  const members = [first, second].map((checks) => ({
    state: { overrides: checks.map((check) => ({ check })) },
  }));
  const combined = {
    settings: settingsFrom({}),
    loadPolicy: async () => {
      isAsked = true;
      return { kind: 'unreadable', reason: 'far enough' };
    },
    members,
    repo: { id: REPO, policyPath: null },
  } as unknown as CombinedCommit;
  await rescanCombined(combined);
  expect(isAsked).toBe(isScanned);
});
