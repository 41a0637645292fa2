/** Measuring real commits with real commands: what is believed, what is not, and what is tried again. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CommandRun,
  type CoveragePolicy,
  computeCoverageVerdict,
  coverageCheckVerdict,
  type MeasureOutcome,
  type MeasureRequest,
  measureCoverage,
} from '@gatehouse/coverage-gate';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { POLICY, request } from './requests.ts';
import { type Content, ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
beforeAll(() => {
  repo = new ScratchRepo();
});
afterAll(() => repo.remove());

const LCOV = 'SF:src/a.mjs\\nDA:1,1\\nDA:2,0\\nend_of_record\\n';
const WRITE = `mkdir -p coverage && printf '${LCOV}' > coverage/lcov.info`;
const SOURCE = { 'src/a.mjs': 'export const a = 1;\nexport const b = () => 2;\n' };

function measure(
  files: Readonly<Record<string, Content>>,
  policy: Partial<CoveragePolicy>,
  more: Partial<MeasureRequest> = {},
): Promise<MeasureOutcome> {
  const commit = repo.commit(files);
  const asked = { ...POLICY, timeoutMs: 30_000, graceMs: 200, ...policy };
  return measureCoverage({ git: { gitDir: repo.gitDir }, slotDir: repo.slotDir, commit, policy: asked, ...more });
}

const whyOf = (outcome: MeasureOutcome): string => (outcome.kind === 'unknown' ? outcome.why : outcome.kind);
const rulesOf = (outcome: MeasureOutcome): readonly string[] =>
  (outcome.kind === 'unknown' || outcome.kind === 'measured') && outcome.evidence
    ? outcome.evidence.findings.map(({ rule }) => rule)
    : [];

describe('a measurement', () => {
  test('of a node:test project is its real LCOV report, counted', async () => {
    const files = {
      'src/math.mjs': 'export function sign(n) {\n  if (n < 0) {\n    return -1;\n  }\n  return 1;\n}\n',
      'test/math.test.mjs':
        "import { test } from 'node:test';\nimport { sign } from '../src/math.mjs';\ntest('signs', () => { if (sign(2) !== 1) throw new Error('x'); });\n",
    };
    const command =
      'mkdir -p coverage && "$NODE" --test --experimental-test-coverage --test-coverage-exclude="test/**" --test-reporter=lcov --test-reporter-destination=coverage/lcov.info';
    const outcome = await measure(files, { command, setEnv: { NODE: process.execPath } });
    expect(outcome).toMatchObject({
      kind: 'measured',
      measured: { format: 'lcov', metric: 'lines', covered: 4, total: 6, files: { 'src/math.mjs': [4, 6] } },
    });
  });

  test('keeps only files of the commit and finds them behind a container path', async () => {
    const text =
      'SF:/build/w/src/a.mjs\\nDA:1,1\\nend_of_record\\nSF:/usr/lib/x.mjs\\nDA:1,1\\nend_of_record\\nSF:../../etc/passwd\\nDA:1,1\\nend_of_record\\n';
    const outcome = await measure(SOURCE, { command: `mkdir -p coverage && printf '${text}' > coverage/lcov.info` });
    expect(outcome).toMatchObject({
      kind: 'measured',
      measured: { covered: 1, total: 1, files: { 'src/a.mjs': [1, 1] } },
      evidence: { dropped: { files: 2, examples: ['/usr/lib/x.mjs', '../../etc/passwd'] } },
    });
  });

  test('runs the setup first, sees the allow-listed environment only, and records both runs', async () => {
    const runs: CommandRun[] = [];
    const policy = {
      setup: 'echo ready > made-by-setup',
      command: `test -f made-by-setup && test "$A" = 1 && ${WRITE}`,
      setEnv: { A: '1' },
    };
    const outcome = await measure(SOURCE, policy, { onRun: (run) => void runs.push(run), logDir: repo.root });
    expect(outcome).toMatchObject({ kind: 'measured', measured: { covered: 1, total: 2 } });
    expect(runs.map(({ purpose, outcome: end, exitCode }) => [purpose, end, exitCode])).toEqual([
      ['setup', 'green', 0],
      ['coverage', 'green', 0],
    ]);
    expect(runs.every(({ logPath }) => logPath !== undefined && existsSync(logPath))).toBe(true);
  });
});

describe('what is not believed', () => {
  test.each<[string, Partial<CoveragePolicy>, string]>([
    ['a command that fails although it wrote a report', { command: `${WRITE}; exit 1` }, 'command-failed'],
    ['a setup that fails', { setup: 'exit 3', command: WRITE }, 'setup-failed'],
    ['a command that writes nothing', { command: 'true' }, 'report-missing'],
    ['a report made by the setup', { setup: WRITE, command: 'true' }, 'report-missing'],
    ['an empty report', { command: 'mkdir coverage && : > coverage/lcov.info' }, 'report-unreadable'],
    [
      'a report that names no file of the commit',
      { command: `mkdir coverage && printf 'SF:x\\nDA:1,1\\nend_of_record\\n' > coverage/lcov.info` },
      'nothing-measured',
    ],
    [
      'a report cut short',
      { command: `mkdir coverage && printf 'SF:src/a.mjs\\nDA:1,1\\n' > coverage/lcov.info` },
      'report-truncated',
    ],
    ['a directory', { command: 'mkdir -p coverage/lcov.info' }, 'report-not-a-file'],
    ['a pipe', { command: 'mkdir coverage && mkfifo coverage/lcov.info' }, 'report-not-a-file'],
    [
      'a symbolic link to a real report',
      { command: `${WRITE} && mv coverage/lcov.info x && ln -s ../x coverage/lcov.info` },
      'report-not-a-file',
    ],
    ['a second name of a file', { command: `${WRITE} && ln coverage/lcov.info x` }, 'report-not-a-file'],
    [
      'a folder that is a link',
      { command: `mkdir real && ln -s real coverage && printf '${LCOV}' > coverage/lcov.info` },
      'report-not-a-file',
    ],
  ])('%s is unknown', async (_, policy, why) => {
    expect(whyOf(await measure(SOURCE, policy))).toBe(why);
  });

  test('a report from an earlier run is gone before the next', async () => {
    expect(whyOf(await measure(SOURCE, { command: WRITE }))).toBe('measured');
    expect(whyOf(await measure(SOURCE, { command: 'true' }))).toBe('report-missing');
  });

  test('a committed report is removed, reported, and never read', async () => {
    const files = { ...SOURCE, 'coverage/lcov.info': 'SF:src/a.mjs\nDA:1,1\nend_of_record\n' };
    const absent = await measure(files, { command: 'true' });
    expect([whyOf(absent), rulesOf(absent)]).toEqual(['report-missing', ['coverage/report_tracked']]);
    const copied = await measure(
      { ...files, 'golden.info': files['coverage/lcov.info'] },
      {
        command: 'mkdir -p coverage && cp golden.info coverage/lcov.info',
      },
    );
    expect([whyOf(copied), rulesOf(copied)]).toEqual(['report-tracked', ['coverage/report_tracked']]);
    const fresh = await measure(files, { command: WRITE });
    expect([whyOf(fresh), rulesOf(fresh)]).toEqual(['measured', ['coverage/report_tracked']]);
  });

  test('a committed link cannot make the gate remove a file outside of the slot', async () => {
    const victim = join(repo.root, 'lcov.info');
    writeFileSync(victim, 'precious');
    const outcome = await measure({ ...SOURCE, coverage: { link: repo.root } }, { command: 'true' });
    expect(whyOf(outcome)).toBe('report-not-a-file');
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  test('a process left behind cannot rewrite the report that was read', async () => {
    const late = `( sleep 1; printf 'SF:src/a.mjs\\nDA:1,1\\nend_of_record\\n' > coverage/lcov.info ) >/dev/null 2>&1 &`;
    const outcome = await measure(SOURCE, { command: `${WRITE}; ${late}` });
    expect(outcome).toMatchObject({ kind: 'measured', measured: { covered: 1, total: 2 } });
    expect(outcome.kind === 'measured' && outcome.evidence.runs[0]?.leftovers).toBeGreaterThan(0);
  });
});

describe('interruptions', () => {
  test('a timeout is tried once more in a fresh checkout, then unknown', async () => {
    const runs: CommandRun[] = [];
    const outcome = await measure(
      SOURCE,
      { command: 'test ! -e junk && : > junk && sleep 60', timeoutMs: 300 },
      { onRun: (run) => void runs.push(run) },
    );
    expect(whyOf(outcome)).toBe('timeout');
    expect(runs.map(({ outcome: end }) => end)).toEqual(['infra', 'infra']);
    expect(coverageCheckVerdict(computeCoverageVerdict(request(outcome, null)))).toMatchObject({
      status: 'pass',
      warnings: ['coverage_unknown:timeout'],
    });
  });

  test('a kill that does not come again is measured', async () => {
    const marker = join(repo.root, 'killed-once');
    const command = `if [ ! -e "$MARK" ]; then : > "$MARK"; kill -9 $$; fi; ${WRITE}`;
    const outcome = await measure(SOURCE, { command, setEnv: { MARK: marker } });
    expect(outcome).toMatchObject({ kind: 'measured', measured: { covered: 1, total: 2 } });
    expect(outcome.kind === 'measured' && outcome.evidence.runs).toHaveLength(2);
  });

  test('a child that the kernel killed counts as a kill, not as a failing command', async () => {
    expect(whyOf(await measure(SOURCE, { command: 'sh -c "kill -9 \\$\\$"; exit $?' }))).toBe('killed');
  });

  test('a cancelled measurement opens nothing', async () => {
    const stop = new AbortController();
    stop.abort();
    const outcome = await measure(SOURCE, { command: WRITE }, { signal: stop.signal });
    expect(outcome).toMatchObject({ kind: 'infra', trouble: 'cancelled' });
    expect(coverageCheckVerdict(computeCoverageVerdict(request(outcome, null)))).toMatchObject({
      status: 'defer',
      cause: 'infra',
    });
  });
});

describe('what holds for every command of the service', () => {
  const twice = { setup: 'true', command: WRITE };

  test('with the tree-kill switched off setup and measurement are plain spawns', async () => {
    const runs: CommandRun[] = [];
    await measure(SOURCE, twice, { treeKill: false, onRun: (run) => void runs.push(run) });
    expect(runs.map(({ purpose, level }) => [purpose, level])).toEqual([
      ['setup', 'plain'],
      ['coverage', 'plain'],
    ]);
  });

  test('a deadline that the reaper would not wait for is refused, and the check says that the definition is at fault', async () => {
    const marker = join(repo.root, 'ran-under-the-reaper');
    const runs: CommandRun[] = [];
    const policy = { ...twice, command: `: > ${marker}; ${WRITE}` };
    const outcome = await measure(SOURCE, policy, { reaperLimitMs: 30_000, onRun: (run) => void runs.push(run) });
    expect([outcome.kind, runs, existsSync(marker)]).toEqual(['infra', [], false]);
    expect(coverageCheckVerdict(computeCoverageVerdict(request(outcome, null)))).toMatchObject({
      status: 'error',
      cause: 'tool-failed',
      reason: expect.stringContaining("the reaper's limit of 30000 ms"),
    });
  });

  test.each([
    ['exit 127', 'not-found', 'infra'],
    ['exit 139', 'signalled', 'infra'],
    ['echo "sh: write error: No space left on device" >&2; exit 1', 'disk-full', 'infra'],
    ['exit 3', 'failed', 'red'],
  ])('%s ends as %s, as it does in a re-test', async (command, ending, outcome) => {
    const runs: CommandRun[] = [];
    await measure(SOURCE, { command }, { onRun: (run) => void runs.push(run) });
    expect(runs.at(-1)).toMatchObject({ ending, outcome });
  });
});

test('a commit that is not there is our fault, not the branch’s', async () => {
  const asked = { git: { gitDir: repo.gitDir }, slotDir: repo.slotDir, commit: '0'.repeat(40), policy: POLICY };
  expect(await measureCoverage(asked)).toMatchObject({ kind: 'infra', trouble: 'missing-object' });
});

test.each(['../lcov.info', '/etc/passwd', '', 'a//b', '.git/config', './x', 'a/..', 'x\0'])(
  'a report at %j is refused before anything runs',
  async (report) => {
    expect(await measure(SOURCE, { command: 'true', report })).toMatchObject({ kind: 'crashed' });
  },
);
