/**
 * Which tests were red and green on one tree; the rule is `talliesAfter` of the merge gate. Bounded per repository: a suite is
 * forgotten together with its tests that are not proven, because a green is counted from the suite's complete runs.
 */
import { isFlakyByProof, talliesAfter, testIdentity } from '@gatehouse/merge-gate';
import { suiteRuns, testHistory } from '../schema/index.ts';
import type { FlakyTest, TestHistoryStore } from './port/index.ts';
import type { Driver, Operation, Operations } from './sql/driver.ts';
import { cellsNamed, insertInto, NO_ROW, namesBut, tableShape } from './sql/row-shape.ts';

const SUITE = tableShape(suiteRuns);
const TEST = tableShape(testHistory);
const COUNT = cellsNamed<{ readonly count: number }>('count');
const NAME = cellsNamed<{ readonly name: string }>('name');
const COUNTED = cellsNamed<{ readonly testsRun: number | null }>('testsRun');
const KEY = cellsNamed<{ readonly tree: string; readonly gateDigest: string; readonly envDigest: string }>(
  'tree',
  'gateDigest',
  'envDigest',
);
const FLAKY = cellsNamed<FlakyTest>('name', 'reds', 'greens', 'trees', 'provenFlakyAt', 'lastSeen');

const IS_KEY = 'repo_id = :repoId AND tree = :tree AND gate_digest = :gateDigest AND env_digest = :envDigest';
const OF_REPO = 'repo_id = :repoId';
const KEY_LIST = 'tree, gate_digest AS "gateDigest", env_digest AS "envDigest"';
const MAX_UNPROVEN = 5000;
const MAX_FLAKY = 1000;
const MAX_SUITES = 1000;
const KEEP_SUITE = `${insertInto(SUITE, namesBut(SUITE, ''))}
  ON CONFLICT (repo_id, tree, gate_digest, env_digest) DO UPDATE SET complete_runs = :completeRuns, tests_run = :testsRun, last_seen = :lastSeen`;
const KEEP_TEST = `${insertInto(TEST, namesBut(TEST, 'id'))}
  ON CONFLICT (repo_id, tree, gate_digest, env_digest, name)
  DO UPDATE SET reds = :reds, greens = :greens, last_seen = :lastSeen, proven_flaky_at = :provenFlakyAt`;
const COUNT_OF_TREE = `SELECT tests_run AS "testsRun" FROM suite_runs
  WHERE repo_id = :repoId AND tree = :tree AND gate_digest = :gateDigest AND tests_run IS NOT NULL
  ORDER BY last_seen DESC LIMIT 1`;
const OLDEST_SUITE = `SELECT ${KEY_LIST} FROM suite_runs WHERE ${OF_REPO} ORDER BY last_seen LIMIT 1`;
const OLDEST_UNPROVEN = `SELECT ${KEY_LIST} FROM test_history
  WHERE ${OF_REPO} AND proven_flaky_at IS NULL ORDER BY last_seen LIMIT 1`;
const DROP_OLDEST_FLAKY = `DELETE FROM test_history WHERE id IN (SELECT id FROM test_history
  WHERE ${OF_REPO} AND proven_flaky_at IS NOT NULL ORDER BY last_seen, id LIMIT :surplus)`;

interface SuitePlace {
  readonly repoId: string;
  readonly tree: string;
  readonly gateDigest: string;
  readonly envDigest: string;
}

export function testHistoryStore(driver: Driver): Operations<TestHistoryStore> {
  const { dialect, row, rows, change, write } = driver;
  const suiteAt = row(SUITE, `SELECT ${SUITE.list} FROM suite_runs WHERE ${IS_KEY}`);
  const testsAt = rows(TEST, `SELECT ${TEST.list} FROM test_history WHERE ${IS_KEY}`);
  const keepSuite = change(SUITE, KEEP_SUITE);
  const keepTest = change(TEST, KEEP_TEST);
  const evict = evictor(driver);
  const countAt = row(COUNTED, COUNT_OF_TREE);
  const listed = dialect.isListed('name', ':names');
  const flakyAmong = rows(
    NAME,
    `SELECT DISTINCT name FROM test_history WHERE ${OF_REPO} AND ${listed} AND proven_flaky_at IS NOT NULL`,
  );
  const flaky = rows(
    FLAKY,
    `SELECT name, SUM(reds) AS reds, SUM(greens) AS greens, COUNT(*) AS trees,
        MIN(proven_flaky_at) AS "provenFlakyAt", MAX(last_seen) AS "lastSeen"
      FROM test_history
      WHERE ${OF_REPO} AND proven_flaky_at IS NOT NULL GROUP BY name
      ORDER BY MAX(last_seen) DESC, name LIMIT ${dialect.opaqueLimit(':limit')}`,
  );
  return {
    recordTests: ({ repoId, key, failed, complete, ran, atMs }) =>
      write(function* record() {
        const place: SuitePlace = { repoId, ...key };
        const suite = yield* suiteAt({ ...place });
        const known = new Map((yield* testsAt({ ...place })).map((test) => [test.name, test]));
        const completeRuns = suite?.completeRuns ?? 0;
        for (const [name, tally] of talliesAfter({ completeRuns, tallies: known }, { failed, complete })) {
          const provenFlakyAt = known.get(name)?.provenFlakyAt ?? (isFlakyByProof(tally) ? atMs : null);
          yield* keepTest({ ...place, name, ...tally, lastSeen: atMs, provenFlakyAt });
        }
        const testsRun = ran ?? suite?.testsRun ?? null;
        yield* keepSuite({ ...place, completeRuns: completeRuns + (complete ? 1 : 0), testsRun, lastSeen: atMs });
        yield* evict(repoId);
      }),
    *testsRun(repoId, key) {
      return (yield* countAt({ repoId, ...key }))?.testsRun ?? null;
    },
    *provenFlaky(repoId, names) {
      const identities = new Map(names.map((name) => [name, testIdentity(name)]));
      const asked = dialect.listOf([...new Set(identities.values())]);
      const proven = new Set((yield* flakyAmong({ repoId, names: asked })).map(({ name }) => name));
      return names.filter((name) => proven.has(identities.get(name) ?? name));
    },
    flakyTests: ({ repoId, limit = MAX_FLAKY }) => flaky({ repoId, limit: Math.min(limit, MAX_FLAKY) }),
  };
}

/** Brings a repository back below its limits, the oldest first. */
function evictor({ row, change }: Driver): (repoId: string) => Operation<void> {
  const suites = row(COUNT, `SELECT COUNT(*) AS count FROM suite_runs WHERE ${OF_REPO}`);
  const unproven = row(
    COUNT,
    `SELECT COUNT(*) AS count FROM test_history WHERE ${OF_REPO} AND proven_flaky_at IS NULL`,
  );
  const proven = row(
    COUNT,
    `SELECT COUNT(*) AS count FROM test_history WHERE ${OF_REPO} AND proven_flaky_at IS NOT NULL`,
  );
  const oldestSuite = row(KEY, OLDEST_SUITE);
  const oldestUnproven = row(KEY, OLDEST_UNPROVEN);
  const dropSuite = change(NO_ROW, `DELETE FROM suite_runs WHERE ${IS_KEY}`);
  const dropTests = change(NO_ROW, `DELETE FROM test_history WHERE ${IS_KEY} AND proven_flaky_at IS NULL`);
  const dropFlaky = change(NO_ROW, DROP_OLDEST_FLAKY);
  return function* evict(repoId) {
    const tooMany = function* (count: typeof suites, limit: number) {
      return Math.max(0, ((yield* count({ repoId }))?.count ?? 0) - limit);
    };
    for (const { count, oldest, limit } of [
      { count: suites, oldest: oldestSuite, limit: MAX_SUITES },
      { count: unproven, oldest: oldestUnproven, limit: MAX_UNPROVEN },
    ])
      while ((yield* tooMany(count, limit)) > 0) {
        const place = { repoId, ...(yield* oldest({ repoId })) };
        yield* dropTests(place);
        yield* dropSuite(place);
      }
    const surplus = yield* tooMany(proven, MAX_FLAKY);
    if (surplus > 0) yield* dropFlaky({ repoId, surplus });
  };
}
