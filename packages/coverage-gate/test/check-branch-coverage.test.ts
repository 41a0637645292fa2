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

test('a report that cannot be written is an error, and nothing is kept for the ratchet', async () => {
  const file = join(repo.root, 'in-the-way');
  writeFileSync(file, '');
  expect(await ask(write(1), { reportsDir: file }).answer).toMatchObject({
    verdict: { status: 'error', cause: 'tool-failed' },
    measurement: null,
  });
});
