/** How SQLite goes about what the store asks all day: never through a whole table that only grows. */
import { expect, test } from '@jest/globals';
import type { Store } from '../src/store/port/index.ts';
import { type Connection, connect } from '../src/store/sqlite/connection.ts';
import { migrate } from '../src/store/sqlite/migrate.ts';
import { storeOn } from '../src/store/sqlite/open.ts';
import { addTask, claim, ENGINE, REPO, T0, withRepo } from './store/world.ts';

/** Tables that stay short, and what statements call them; no table at all: a single row, and a list that was handed in. */
const SHORT = [
  'leases',
  'l',
  'tickets',
  'repos',
  'workers',
  'breakers',
  'tracker_states',
  'CONSTANT',
  'json_each',
  'pragma_data_version',
];
/** Asked once, at the start; the end of a table, which SQLite takes in one step, has no index to name. */
const NEWEST_EVENT = /^SELECT at FROM events WHERE seq = \(SELECT max\(seq\) FROM events\)$/;
/** Carried out once a day, once something has expired, or when a person asks what was not delivered. */
const SELDOM = [
  /^DELETE FROM/,
  /^UPDATE jobs SET token = token \+ 1, worker_id = /,
  /FROM outbox WHERE .*kind.* AND state = /,
  NEWEST_EVENT,
];

/** A person asked how many there are: a walk through the shortest index, a millisecond for 100,000. */
const TOTALS = [/^SELECT count\(\*\) AS count FROM tasks$/];

/** A store whose statements are taken down as they are prepared. */
function storeTakenDown(): { connection: Connection; store: Store; texts: Set<string> } {
  const connection = connect(':memory:');
  migrate(connection);
  const texts = new Set<string>();
  const { sqlite } = connection;
  const prepare = sqlite.prepare.bind(sqlite);
  Object.assign(sqlite, {
    prepare: (text: string) => {
      texts.add(text);
      return prepare(text);
    },
  });
  return { connection, store: storeOn(connection), texts };
}

function planOf({ sqlite }: Connection, text: string): readonly string[] {
  const names = [...text.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, null]);
  const explain = sqlite.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`);
  const places = Array.from(text.matchAll(/\?/g), () => null);
  const rows = names.length > 0 ? explain.all(Object.fromEntries(names)) : explain.all(places);
  return rows.map(({ detail }) => detail);
}

/** Lists the steps without index or key, even if they say SEARCH, as for a maximum, and those through a whole index. */
function walksOf(connection: Connection, text: string): readonly string[] {
  const partial = connection.sqlite
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'")
    .pluck()
    .all();
  const isCut = /\blimit\b/i.test(text);
  return planOf(connection, text).filter((step) => {
    const [, how, table = ''] = /^(SCAN|SEARCH) (\w+)/.exec(step) ?? [];
    const [, index] = / INDEX (\w+)/.exec(step) ?? [];
    if (how === undefined || SHORT.includes(table)) return false;
    if (how === 'SEARCH') return !step.includes(' USING ');
    return index === undefined || !(isCut || partial.includes(index));
  });
}

/** What the loops of a service, a landing and the callers that add or list tasks ask for. */
async function liveThroughADay(store: Store): Promise<void> {
  await withRepo(store);
  const { id: taskId } = await addTask(store, 'one', { planeIssueId: 'ISSUE-1' });
  await addTask(store, 'two');
  const job = await claim(store);
  if (job === null) throw new Error('nothing was claimed');
  const token = { jobId: job.id, token: job.token };
  const times = { atMs: T0, ttlMs: 60_000, nowMs: T0 };
  await store.acquireLease({ repoId: REPO, holder: taskId, attempt: 1, ...times, job: token });
  await store.heartbeat(token, { atMs: T0, leaseMs: 60_000 });
  await store.reapExpired({ nowMs: T0, workerId: 'w', leaseMs: 60_000, maxAttempts: 3, maxRunningMs: 60_000 });
  await store.reapLeases({ ...times, engine: ENGINE });
  await store.wokenTickets();
  await store.unsettledStops();
  await store.dueTimers(T0, 10);
  await store.claimOutbox({ nowMs: T0, leaseMs: 60_000, limit: 10 });
  await store.listTasks({ live: true });
  await store.listTasks({ repoId: REPO, live: true });
  await store.listTasks({ repoId: REPO, status: 'waiting', live: true });
  await store.listTasks({ limit: 500 });
  await store.listTasks({ live: true, behind: { createdAt: T0, id: taskId }, limit: 51 });
  await store.listTasks({ behind: { createdAt: T0, id: taskId }, limit: 51 });
  await store.tasksCalled('ONE');
  await store.landedNamesakes([taskId]);
  await store.listJobs({ live: true, probes: true });
  await store.countTaskEvents(taskId);
  await store.recordMain(REPO, { from: null, to: 'a' });
  await store.updateRepo(REPO, { paused: false }, { actor: 'a', atMs: T0 });
  await store.leasedCounts();
  await store.queueOf({ repoId: REPO, limit: 20 });
  await store.queuePlace({ id: taskId, repoId: REPO });
  await store.waitingForPeople({ repoId: REPO, limit: 15 });
  await store.landedTasks({ repoId: REPO, sinceMs: T0, limit: 8 });
  await store.landings({ repoId: REPO, sinceMs: T0, limit: 1000 });
  await store.countRuns({ repoId: REPO, sinceMs: T0 });
  await store.dependenciesOf(taskId);
  await store.listJobs({ taskId });
  await store.listJobs({ taskId, live: true });
  await store.gateRuns({ taskId });
  await store.gateRuns({ taskId, check: 'check_branch_mergeable' });
  await store.findArtefact({ taskId, name: 'plan' });
  await store.taskEvents(taskId);
  const seen = { repoId: REPO, key: { tree: 't', gateDigest: 'g', envDigest: 'e' }, complete: false, atMs: T0 };
  await store.recordTests({ ...seen, failed: ['a test'] });
  const question = { repoId: REPO, base: 'b', tree: 't', gateDigest: 'g', envDigest: 'e' };
  await store.saveCertificate(question, '{}', T0);
  await store.savedCertificate(question);
  await store.provenFlaky(REPO, ['a test']);
  await store.flakyTests({ repoId: REPO });
  await store.requestStop({ taskId, reason: 'no', actor: 'a', atMs: T0, engine: ENGINE });
  await store.beginSettling({ taskId, actor: 'a', atMs: T0 });
}

test('nothing that is asked all day walks a whole table that only grows', async () => {
  const { connection, store, texts } = storeTakenDown();
  await liveThroughADay(store);
  const asked = [...texts].filter(
    (text) => /^\s*(?:select|update|delete)/i.test(text) && ![...SELDOM, ...TOTALS].some((seldom) => seldom.test(text)),
  );
  expect(asked.length).toBeGreaterThan(40);
  const walks = asked.flatMap((text) => walksOf(connection, text).map((step) => `${step}: ${text}`));
  expect(walks).toEqual([]);
  await store.close();
});

/** What a claim looks at: the most urgent free job. */
const looksAtOne = (text: string): boolean => text.includes('coalesce((SELECT id FROM jobs');

test('a claim beside a held lease goes from the lease to its jobs, and not through all gates that are ready', () => {
  const { connection, texts } = storeTakenDown();
  const claiming = [...texts].find(looksAtOne) ?? '';
  const steps = planOf(connection, claiming);
  const toJobs = steps.flatMap((step, at) =>
    step.startsWith('SEARCH l USING INDEX leases_held')
      ? steps.slice(at).filter((later) => later.startsWith('SEARCH j '))[0]
      : [],
  );
  // Once for the gate, once for the lowest key of all such gates.
  expect(toJobs).toEqual(Array(2).fill('SEARCH j USING INDEX jobs_task (task_id=?)'));
});

test('a claim takes one step into the index of free jobs for each kind, and sorts nothing', () => {
  const { connection, texts } = storeTakenDown();
  const steps = planOf(connection, [...texts].find(looksAtOne) ?? '').filter((step) => /\bjobs\b|TEMP/.test(step));
  const step = 'SEARCH jobs USING INDEX jobs_free (kind=?)';
  const places = 'SEARCH jobs USING COVERING INDEX jobs_leased (kind=?)';
  expect(steps).toEqual([step, step, step, step, step, places, places]);
});

test('what lifts held jobs begins at a repository, a task or the time, and never at all that is held', () => {
  const { connection, texts } = storeTakenDown();
  const lifts = [...texts].filter((text) => text.startsWith('UPDATE jobs SET held_by = NULL'));
  const through = lifts.filter((text) =>
    planOf(connection, text).some((step) => /jobs_held \(held_by.\?\)/.test(step)),
  );
  expect([lifts.length, through.length]).toEqual([6, 1]);
  expect(through[0]).not.toMatch(/:|\?/);
});
