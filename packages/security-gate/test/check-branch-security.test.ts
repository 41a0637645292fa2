/** The whole gate on real commits: what it answers, what it leaves, and what it does when it cannot leave it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BranchSecurityRequest, checkBranchSecurity } from '@gatehouse/security-gate';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { githubToken } from './fake-secrets.ts';
import { planting } from './planted.ts';

const plant = planting();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-branch-security-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ask(text: string, more: Partial<BranchSecurityRequest> = {}) {
  const repo = plant();
  const base = repo.commit({ 'README.md': 'x\n' }, 'base');
  const head = repo.commit({ 'a.txt': `${text}\n` }, 'work');
  const reportsDir = mkdtempSync(join(folder, 'reports-'));
  const policy = { depAuditEnabled: false, depFailClosed: false };
  const asked = { git: repo.git, base, head, audit: null, policy, configDigest: 'd', reportsDir, ...more };
  return { reportsDir: asked.reportsDir, answer: checkBranchSecurity(asked) };
}

test('a clean range passes, and its report is kept', async () => {
  const { reportsDir, answer } = ask('nothing to see');
  expect(await answer).toMatchObject({ status: 'pass', artefact: '17-security-report.md' });
  expect(readFileSync(join(reportsDir, '17-security-report.md'), 'utf8')).toContain('security_status: PASS');
});

test('a secret fails the range, and neither the verdict nor the report shows it', async () => {
  const token = githubToken('gate');
  const { reportsDir, answer } = ask(`token = ${token}`);
  const verdict = await answer;
  expect(verdict).toMatchObject({ status: 'fail', findings: [{ path: 'a.txt', line: 1 }] });
  const report = readFileSync(join(reportsDir, '17-security-report.md'), 'utf8');
  expect(report).toContain('security_status: FAIL');
  expect(report + JSON.stringify(verdict)).not.toContain(token);
});

test('a branch of another history fails with the next step, and the report says so', async () => {
  const repo = plant();
  const base = repo.commit({ 'README.md': 'x\n' }, 'base');
  repo.run('checkout', '-q', '--orphan', 'other');
  const head = repo.commit({ 'a.txt': 'a\n' }, 'work');
  const { reportsDir, answer } = ask('x', { git: repo.git, base, head });
  expect(await answer).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('no commit in common'),
    findings: [{ rule: 'unrelated-history', message: expect.stringContaining('start a new branch from main') }],
  });
  expect(readFileSync(join(reportsDir, '17-security-report.md'), 'utf8')).toContain('unrelated-history');
});

test('a report that cannot be written is an error, never a pass', async () => {
  const file = join(folder, 'in-the-way');
  writeFileSync(file, '');
  expect(await ask('nothing to see', { reportsDir: file }).answer).toMatchObject({ status: 'error' });
});

test('without a feed dependencies are loud when that may be, and deferred where the policy is closed', async () => {
  const audit = { feed: 'no feed is configured', minSeverity: 'high' } as const;
  const open = await ask('x', { audit, policy: { depAuditEnabled: true, depFailClosed: false } }).answer;
  expect(open).toMatchObject({ status: 'pass', warnings: [expect.stringContaining('no feed is configured')] });
  const closed = await ask('x', { audit, policy: { depAuditEnabled: true, depFailClosed: true } }).answer;
  expect(closed).toMatchObject({ status: 'defer', cause: 'feed-down' });
});
