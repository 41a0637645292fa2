import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  computeSecurityVerdict,
  REPORT_NAME,
  readSecurityVerdict,
  type SecurityVerdict,
  scanSecrets,
  writeSecurityReport,
} from '@gatehouse/security-gate';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { githubToken } from './fake-secrets.ts';
import { planting } from './planted.ts';
import { expectSilent } from './scanned.ts';

const plant = planting();
const root = mkdtempSync(join(tmpdir(), 'security-report-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = (): string => {
  count += 1;
  const dir = join(root, String(count));
  mkdirSync(dir);
  return dir;
};

const token = githubToken('report');
const expected = { base: '', head: '', nonce: 'run-1', configDigest: 'sha256:1' };
async function verdictOf(content: string, path = 'a.txt'): Promise<SecurityVerdict> {
  const repo = plant();
  expected.base = repo.commit({ r: 'x' });
  expected.head = repo.commit({ [path]: content });
  const commits = { base: expected.base, head: expected.head };
  const scan = await scanSecrets({ git: repo.git, ...commits });
  const policy = { depAuditEnabled: false, depFailClosed: false };
  return computeSecurityVerdict({ scan, audit: null, policy, commits, nonce: 'run-1', configDigest: 'sha256:1' });
}

test('a verdict is written and read back bound to its commits, run and configuration', async () => {
  for (const [content, status, check] of [
    ['nothing', 'PASS', 'pass'],
    [token, 'FAIL', 'fail'],
  ] as const) {
    const dir = fresh();
    const verdict = await verdictOf(content);
    expect((await writeSecurityReport({ dir, verdict })).kind).toBe('written');
    expect(await readSecurityVerdict({ dir, expect: expected })).toMatchObject({
      kind: 'verdict',
      status,
      check: { status: check },
    });
    for (const change of [
      { base: 'c'.repeat(40) },
      { head: expected.base },
      { nonce: 'run-0' },
      { configDigest: 'sha256:0' },
    ])
      expect((await readSecurityVerdict({ dir, expect: { ...expected, ...change } })).kind).toBe('rejected');
    expectSilent(readFileSync(join(dir, REPORT_NAME), 'utf8'), token);
    expectSilent(verdict, token);
  }
});

test('an error is read back as an error with its cause', async () => {
  const dir = fresh();
  const { scan: _, ...bound } = await verdictOf('nothing');
  const policy = { depAuditEnabled: false, depFailClosed: false };
  const verdict = computeSecurityVerdict({ ...bound, scan: { kind: 'timeout' }, policy });
  await writeSecurityReport({ dir, verdict });
  expect(await readSecurityVerdict({ dir, expect: expected })).toMatchObject({
    status: 'ERROR',
    check: { status: 'error', cause: 'tool-failed' },
  });
});

describe('a report is rejected', () => {
  test('when there is none', async () => {
    expect(await readSecurityVerdict({ dir: fresh(), expect: expected })).toEqual({
      kind: 'rejected',
      reason: 'there is no report',
    });
  });

  test.each<[string, (text: string) => string]>([
    [
      'with two verdicts',
      (text) => text.replace('security_status: FAIL', 'security_status: FAIL\nsecurity_status: PASS'),
    ],
    ['with the status turned round', (text) => text.replace('security_status: FAIL', 'security_status: PASS')],
    [
      'that passes with findings',
      (t) =>
        t.replace('security_status: FAIL', 'security_status: PASS').replace('check_status: fail', 'check_status: pass'),
    ],
    ['whose objects do not add up', (text) => text.replace(/objects_scanned: \d+/, 'objects_scanned: 0')],
    ['that fails without findings', (text) => text.replace('\nfindings: 1', '\nfindings: 0')],
    ['with a byte order mark', (text) => `\ufeff${text}`],
    ['with an engine fence', (text) => text.replace('---', '---js')],
    ['with a lower-case status', (text) => text.replace('FAIL', 'fail')],
    ['with an extra key', (text) => text.replace('\ncause:', '\noverride: true\ncause:')],
    ['that is cut', (text) => text.slice(0, 200)],
  ])('%s', async (_name, forge) => {
    const dir = fresh();
    await writeSecurityReport({ dir, verdict: await verdictOf(token) });
    const path = join(dir, REPORT_NAME);
    const text = readFileSync(path, 'utf8');
    expect(forge(text)).not.toBe(text);
    writeFileSync(path, forge(text));
    expect((await readSecurityVerdict({ dir, expect: expected })).kind).toBe('rejected');
  });
});

test('a planted report is never taken over, as file, link or directory', async () => {
  const verdict = await verdictOf(token);
  const outside = join(fresh(), 'outside');
  writeFileSync(outside, 'untouched');
  const plantings: ((path: string) => void)[] = [
    (path) => writeFileSync(path, '---\nsecurity_status: PASS\n---\n'),
    (path) => symlinkSync(outside, path),
    (path) => void mkdirSync(path),
  ];
  for (const place of plantings) {
    const dir = fresh();
    place(join(dir, REPORT_NAME));
    expect((await writeSecurityReport({ dir, verdict })).kind).toBe('refused');
    expect((await readSecurityVerdict({ dir, expect: expected })).kind).toBe('rejected');
  }
  expect(readFileSync(outside, 'utf8')).toBe('untouched');
});

test('names from the branch are shown without markup, control or direction', async () => {
  const dir = fresh();
  const name = '<img src=x onerror=alert(1)>\u202e\u0007[a](b)`.txt';
  await writeSecurityReport({ dir, verdict: await verdictOf(token, name) });
  const body = readFileSync(join(dir, REPORT_NAME), 'utf8').split('\n---\n')[1] ?? '';
  for (const trick of ['<img', '\u202e', '\u0007', '[a]']) expect(body).not.toContain(trick);
  expect(body).toContain('onerror');
});

test('whatever the reason says, the report reads back as the same status', async () => {
  const verdict = await verdictOf('nothing');
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 900 }), async (reason) => {
      const dir = fresh();
      const odd = { ...verdict, check: { ...verdict.check, reason } } as SecurityVerdict;
      expect((await writeSecurityReport({ dir, verdict: odd })).kind).toBe('written');
      expect(await readSecurityVerdict({ dir, expect: expected })).toMatchObject({ status: 'PASS' });
    }),
    { numRuns: 40 },
  );
});
