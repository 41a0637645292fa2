/** Nobody is blamed for main or for noise: real commands that flap, break, and were broken before. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Baseline,
  type BranchCoverageRequest,
  type CoveragePolicy,
  checkBranchCoverage,
} from '@gatehouse/coverage-gate';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { baselineAt, POLICY } from './requests.ts';
import { ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
beforeAll(() => {
  repo = new ScratchRepo();
});
afterAll(() => repo.remove());

const source = (lines: number): string => Array.from({ length: lines }, (_, i) => `a${i};\n`).join('');
const record = (lines: number, hit: number): string =>
  `SF:src/a.mjs\n${Array.from({ length: lines }, (_, i) => `DA:${i + 1},${i < hit ? 1 : 0}\n`).join('')}end_of_record\n`;

interface Scene {
  readonly base: Readonly<Record<string, string>>;
  readonly branch: Readonly<Record<string, string>>;
  readonly policy?: Partial<CoveragePolicy>;
  readonly command?: string;
  readonly baseline?: (base: string, tree: string) => Baseline;
}

async function ask({ base, branch, policy, command, baseline }: Scene, more: Partial<BranchCoverageRequest> = {}) {
  const start = repo.commit(base);
  const commit = repo.commit(branch);
  const reportsDir = mkdtempSync(join(repo.root, 'reports-'));
  const kept = baseline?.(start, repo.treeOf(start)) ?? null;
  const answer = await checkBranchCoverage({
    ...{ git: { gitDir: repo.gitDir }, slotDir: repo.slotDir, base: start, head: commit, commit, reportsDir },
    policy: {
      ...POLICY,
      ...{ mode: 'absolute', minPpm: 600_000, report: 'rep.info', timeoutMs: 30_000, graceMs: 200 },
      ...{ command: command ?? 'cp lcov.txt rep.info && echo >> rep.info', ...policy },
    },
    baseline: () => ({ read: async () => kept }),
    ...more,
  });
  return { answer, report: readFileSync(join(reportsDir, '18-coverage-report.md'), 'utf8') };
}

const base = { 'src/a.mjs': source(10), 'lcov.txt': record(10, 10) };
/** Covers the first five lines every other time, and all the others in between. */
const FLAPPING = `n=$(cat "$DIR/count" 2>/dev/null || echo 0); echo $((n + 1)) > "$DIR/count"
printf 'SF:src/a.mjs\\n' > rep.info
for i in 1 2 3 4 5 6 7 8 9 10; do
  printf 'DA:%s,%s\\n' $i $(( (i <= 5) == (n % 2 == 0) )) >> rep.info
done; printf 'end_of_record\\n' >> rep.info`;

test('a failing verdict is confirmed by a second run: what either covers is covered, and the flapping lines are kept', async () => {
  const setEnv = { DIR: mkdtempSync(join(repo.root, 'flap-')) };
  const { answer, report } = await ask({ base, branch: { ...base, x: '1' }, command: FLAPPING, policy: { setEnv } });
  expect(answer).toMatchObject({
    verdict: { status: 'pass', warnings: [expect.stringContaining('coverage_flapping: 10 lines')] },
    measurement: { measured: { covered: 10, total: 10, flapping: { 'src/a.mjs': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] } } },
  });
  expect(report.match(/coverage: green/g)).toHaveLength(2);
});

test('a fault that two runs show is one', async () => {
  const { answer, report } = await ask({ base, branch: { ...base, 'lcov.txt': record(10, 5) } });
  expect(answer).toMatchObject({ verdict: { status: 'fail' } });
  expect(report.match(/coverage: green/g)).toHaveLength(2);
});

test('a failing run that cannot be repeated blames nobody and opens nothing, even under an open policy', async () => {
  const setEnv = { DIR: mkdtempSync(join(repo.root, 'once-')) };
  const command = `test ! -e "$DIR/ran" && touch "$DIR/ran" && cp lcov.txt rep.info && echo >> rep.info`;
  const branch = { ...base, 'lcov.txt': record(10, 5) };
  const { answer } = await ask({ base, branch, command, policy: { setEnv, onUnknown: 'open' } });
  expect(answer).toMatchObject({ verdict: { status: 'error', cause: 'tool-failed' }, measurement: null });
});

test('what no run can change is not run again', async () => {
  const policy = { config: 'block' } as const;
  const { answer, report } = await ask({ base, branch: { ...base, '.c8rc': '{}' }, policy });
  expect(answer).toMatchObject({ verdict: { status: 'fail' } });
  expect(report.match(/coverage: green/g)).toHaveLength(1);
});

const BROKEN = { ...base, 'lcov.txt': 'no report' };

test.each<[string, Scene, string]>([
  ['a change that breaks a measurement that base makes well is an error', { base, branch: BROKEN }, 'error'],
  [
    'a measurement that base cannot make either is nobody’s doing',
    { base: BROKEN, branch: { ...BROKEN, x: '1' } },
    'pass',
  ],
  ['an open policy lets it pass', { base, branch: BROKEN, policy: { onUnknown: 'open' } }, 'pass'],
  [
    'a closed policy does not even where base is broken',
    { base: BROKEN, branch: { ...BROKEN, x: '1' }, policy: { failClosed: true } },
    'error',
  ],
])('%s', async (_, scene, status) => {
  const { answer, report } = await ask(scene);
  expect(answer).toMatchObject({ verdict: { status, warnings: ['coverage_unknown:report-unreadable'] } });
  expect(report).toContain('coverage_status: UNKNOWN');
});

test('what landed last is known to measure well without a run', async () => {
  const baseline = (commit: string, tree: string): Baseline =>
    baselineAt(10, 10, { last: { covered: 10, total: 10, tree, commit }, commandHash: '' });
  const command = 'test -e x && echo broken > rep.info || exit 7';
  const branch = { ...base, x: '1' };
  const unknown = await ask({ base, branch, command });
  expect(unknown.answer).toMatchObject({ verdict: { status: 'pass' } });
  const known = await ask(
    { base, branch, command },
    {
      baseline: (commandHash) => ({
        read: async () => ({ ...baseline(startOf(), repo.treeOf(startOf())), commandHash }),
      }),
    },
  );
  expect(known.answer).toMatchObject({ verdict: { status: 'error' } });
});

const startOf = (): string => repo.parentOf('HEAD');

test('a branch behind main answers for its own lines, and is compared with the commit it started from', async () => {
  const start = repo.commit({ 'src/a.mjs': source(30), 'lcov.txt': record(30, 10) });
  const branch = repo.commit({ 'src/a.mjs': source(30), 'lcov.txt': record(30, 10), README: 'docs' });
  repo.moveTo(start);
  const main = repo.commit({ 'src/a.mjs': source(30).replaceAll('a', 'b'), 'lcov.txt': record(30, 30) });
  const tree = repo.treeOf(main);
  const policy = {
    ...POLICY,
    mode: 'baseline',
    ...{ epsilonPpm: 0, report: 'rep.info', command: 'cp lcov.txt rep.info && echo >> rep.info' },
    patch: { minPpm: 800_000, policy: 'block' },
  } as const;
  const answer = await checkBranchCoverage({
    ...{ git: { gitDir: repo.gitDir }, slotDir: repo.slotDir, base: main, head: branch, commit: branch, policy },
    reportsDir: mkdtempSync(join(repo.root, 'reports-')),
    baseline: (commandHash) => ({
      read: async () =>
        baselineAt(30, 30, {
          commandHash,
          files: { 'src/a.mjs': [30, 30] },
          last: { covered: 30, total: 30, tree, commit: main },
        }),
    }),
  });
  expect(answer).toMatchObject({ verdict: { status: 'pass' } });
});

test('a label that this run did not measure is carried forward, into what a landing remembers', async () => {
  const start = { ...base, 'api/x.mjs': source(4) };
  const labels = [{ label: 'api', paths: ['api/'], policy: 'block', minPpm: 500_000, carryForward: true }] as const;
  const carried = (commit: string, tree: string, commandHash: string): Baseline =>
    baselineAt(13, 14, {
      ...{ commandHash, files: { 'src/a.mjs': [10, 10], 'api/x.mjs': [3, 4] } },
      last: { covered: 13, total: 14, tree, commit },
    });
  const more = {
    baseline: (hash: string) => ({ read: async () => carried(startOf(), repo.treeOf(startOf()), hash) }),
  };
  const policy = { mode: 'baseline', epsilonPpm: 0, labels } as const;
  const { answer } = await ask({ base: start, branch: { ...start, x: '1' }, policy }, more);
  expect(answer).toMatchObject({
    verdict: { status: 'pass', warnings: [expect.stringContaining('coverage_carried: api')] },
    measurement: { measured: { covered: 13, total: 14, files: { 'api/x.mjs': [3, 4] } } },
  });
  const touched = await ask({ base: start, branch: { ...start, 'api/x.mjs': source(5) }, policy }, more);
  expect(touched.answer).toMatchObject({ verdict: { status: 'fail' } });
});
