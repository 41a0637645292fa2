/** The whole gate on real commits: the verdict, the report it leaves, and what it answers for the ratchet. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BranchCoverageRequest, checkBranchCoverage } from '@gatehouse/coverage-gate';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { POLICY } from './requests.ts';
import { ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
beforeAll(() => {
  repo = new ScratchRepo();
});
afterAll(() => repo.remove());

const write = (hits: number): string =>
  `mkdir -p coverage && printf 'SF:src/a.mjs\\nDA:1,1\\nDA:2,${hits}\\nend_of_record\\n' > coverage/lcov.info`;

function ask(command: string, more: Partial<BranchCoverageRequest> = {}) {
  const base = repo.commit({ 'src/a.mjs': 'export const a = 1;\n' });
  const commit = repo.commit({ 'src/a.mjs': 'export const a = 1;\nexport const b = () => 2;\n' });
  const policy = { ...POLICY, mode: 'absolute', minPpm: 600_000, timeoutMs: 30_000, graceMs: 200, command } as const;
  const reportsDir = mkdtempSync(join(repo.root, 'reports-'));
  const asked: BranchCoverageRequest = {
    git: { gitDir: repo.gitDir },
    slotDir: repo.slotDir,
    base,
    head: commit,
    commit,
    policy,
    baseline: () => ({ read: async () => null }),
    reportsDir,
    ...more,
  };
  return { asked, answer: checkBranchCoverage(asked) };
}

test('a commit above its minimum passes; the report and the measurement for the ratchet are answered', async () => {
  const { asked, answer } = ask(write(1));
  expect(await answer).toMatchObject({
    kind: 'checked',
    verdict: { status: 'pass', artefact: '18-coverage-report.md' },
    measurement: { commit: asked.commit, measured: { covered: 2, total: 2 } },
  });
  expect(readFileSync(join(asked.reportsDir, '18-coverage-report.md'), 'utf8')).toContain('coverage_status: PASS');
});

test('a commit below its minimum fails, and the report says so', async () => {
  const { asked, answer } = ask(write(0));
  expect(await answer).toMatchObject({ verdict: { status: 'fail', findings: [{ rule: 'coverage/absolute' }] } });
  expect(readFileSync(join(asked.reportsDir, '18-coverage-report.md'), 'utf8')).toContain('coverage_status: FAIL');
});

test('what cannot be measured is answered without a measurement', async () => {
  expect(await ask('exit 3').answer).toMatchObject({ kind: 'checked', measurement: null });
});

const OTHERS = `for name in gone.mjs /opt/x.mjs; do printf "SF:$name\\nDA:1,0\\nend_of_record\\n"; done >> coverage/lcov.info`;

test('names that cannot be placed and foreign ones are said in the verdict, its findings and the report', async () => {
  const { asked, answer } = ask(`${write(1)}; ${OTHERS}`);
  const unknown = await answer;
  const policy = { ...asked.policy, maxUnplacedPpm: 400_000 };
  const borne = await checkBranchCoverage({ ...asked, policy, reportsDir: mkdtempSync(join(repo.root, 'reports-')) });
  expect(borne).toMatchObject({
    verdict: {
      status: 'pass',
      reason: expect.stringContaining(
        '(2/2) of the lines, no baseline yet; 1 name unplaced (1 line), 1 name foreign (1 line; /opt/x.mjs (outside the checkout))',
      ),
      findings: [{ rule: 'coverage/unplaced', message: expect.stringContaining(': gone.mjs.') }],
      warnings: expect.arrayContaining([expect.stringMatching(/^coverage\/unplaced: 1 name/)]),
    },
  });
  expect(unknown).toMatchObject({
    verdict: {
      status: 'pass',
      reason: expect.stringContaining(
        '1 of 3 lines of coverage/lcov.info belong to no certain line of this commit, 1.00 % may',
      ),
      warnings: ['coverage_unknown:lines-unplaced'],
    },
    measurement: null,
  });
  const report = readFileSync(join(asked.reportsDir, '18-coverage-report.md'), 'utf8');
  for (const words of ['why: lines-unplaced', '(1 lines) cannot be placed', '`/opt/x.mjs (outside the checkout)`'])
    expect(report).toContain(words);
});

test('a report of nothing but foreign names is unknown', async () => {
  const { answer } = ask(`mkdir -p coverage && : > coverage/lcov.info; ${OTHERS.replace('gone.mjs ', '')}`);
  expect(await answer).toMatchObject({
    verdict: {
      status: 'pass',
      reason: expect.stringContaining(
        'measures no line of a file of this commit: 1 name foreign (1 line; /opt/x.mjs (outside the checkout))',
      ),
      warnings: ['coverage_unknown:nothing-measured'],
    },
    measurement: null,
  });
});

test('a report that cannot be written is an error, and nothing is kept for the ratchet', async () => {
  const file = join(repo.root, 'in-the-way');
  writeFileSync(file, '');
  expect(await ask(write(1), { reportsDir: file }).answer).toMatchObject({
    verdict: { status: 'error', cause: 'tool-failed' },
    measurement: null,
  });
});
