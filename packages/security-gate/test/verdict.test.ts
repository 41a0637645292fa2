import {
  computeSecurityVerdict,
  type DependencyAudit,
  type Scanned,
  type SecurityPolicy,
} from '@gatehouse/security-gate';
import { describe, expect, test } from '@jest/globals';

const commits = { base: 'a'.repeat(40), head: 'b'.repeat(40) };
const clean: Scanned = {
  kind: 'scanned',
  findings: [],
  introduced: 0,
  preexisting: [],
  allowed: [],
  expired: [],
  objects: { total: 3, scanned: 3, unscannable: [] },
  engines: ['e'],
  trustFiles: [],
};
const finding = {
  rule: 'secret/github',
  path: 'a.ts',
  commit: commits.head,
  blob: 'c'.repeat(40),
  line: 2,
  column: 5,
  length: 40,
  why: 'it has the form that GitHub documents',
  fingerprint: 'fp1:00',
  where: 'content',
  encoding: 'text',
  count: 1,
} as const;
const advisory = {
  id: '1',
  aliases: [],
  package: 'bad',
  versions: ['1.0.0'],
  severity: 'high',
  title: 't',
  url: '',
} as const;
const audited: DependencyAudit = {
  kind: 'audited',
  introduced: [],
  preexisting: [],
  belowThreshold: [],
  packages: 1,
  feed: { name: 'f' },
  changes: [],
};
const change = { rule: 'lock/deleted', path: 'package-lock.json', package: '', detail: 'gone' } as const;
const crashed = { kind: 'crashed', op: 'x', error: new Error('boom') } as const;
const lax: SecurityPolicy = { depAuditEnabled: true, depFailClosed: false };
const strict: SecurityPolicy = { depAuditEnabled: true, depFailClosed: true };
const verdict = (scan: unknown, audit: unknown = audited, policy: unknown = lax) =>
  computeSecurityVerdict({ scan, audit, policy, commits, nonce: 'n', configDigest: 'd' } as never);

test('what another engine found is counted as a secret, and as nothing else', () => {
  const scan = { ...clean, findings: [{ ...finding, rule: 'gitleaks/ours' }], introduced: 1 };
  expect(verdict(scan).check.reason).toBe('the change adds 1 secret and 0 dependency problems');
});

test('nothing new passes', () => {
  expect(verdict(clean)).toMatchObject({ status: 'PASS', check: { status: 'pass', findings: [] } });
});

test.each<[audit: unknown, told: string]>([
  [audited, 'no new secret, no new known vulnerability'],
  [{ kind: 'none' }, 'no new secret, no new known vulnerability'],
  [null, 'no new secret; dependencies were not audited'],
  [
    { kind: 'unreachable', reason: 'no advisory feed is set', changes: [] },
    'no new secret; dependencies were not audited',
  ],
  [{ kind: 'malformed', reason: 'r', changes: [] }, 'no new secret; dependencies were not audited'],
  [
    { ...audited, gaps: [{ ecosystem: 'PyPI', kind: 'unreachable', reason: 'r', added: 0 }] },
    'no new secret; not all dependencies were audited',
  ],
])('a pass says of dependencies no more than what was asked: %j', (audit, told) => {
  expect(verdict(clean, audit).check).toMatchObject({ status: 'pass', reason: told });
});

describe('it fails for', () => {
  test.each<[string, unknown, unknown, string]>([
    ['a new secret', { ...clean, findings: [finding], introduced: 1 }, audited, 'secret/github'],
    ['a new advisory', clean, { ...audited, introduced: [advisory] }, 'dependency/known-vulnerability'],
    ['a bad lockfile change', clean, { ...audited, changes: [change] }, 'lock/deleted'],
    [
      'a bad lockfile change although no feed answers',
      clean,
      { kind: 'unreachable', reason: 'r', changes: [change] },
      'lock/deleted',
    ],
    [
      'a lockfile broken by the branch',
      clean,
      { kind: 'lock-unreadable', path: 'p', side: 'head', reason: 'r' },
      'dependency/lock-unreadable',
    ],
    [
      'a new secret although the audit failed',
      { ...clean, findings: [finding], introduced: 1 },
      { kind: 'timeout' },
      'secret/github',
    ],
  ])('%s', (_name, scan, audit, rule) => {
    expect(verdict(scan, audit)).toMatchObject({ status: 'FAIL', check: { status: 'fail', findings: [{ rule }] } });
  });

  test('secrets beyond those listed, which are counted', () => {
    const { check } = verdict({ ...clean, findings: [finding], introduced: 900 });
    expect(check.findings.map(({ message }) => message).join()).toContain('899 more');
  });
});

describe('it cannot decide, and blames no change, when', () => {
  test.each<[string, unknown, unknown, string]>([
    ['the scan crashed', crashed, audited, 'crashed'],
    ['the scan failed', { kind: 'tool-failed', reason: 'r' }, audited, 'tool-failed'],
    ['the scan ran out of time', { kind: 'timeout' }, audited, 'tool-failed'],
    [
      'the objects do not add up',
      { ...clean, objects: { total: 3, scanned: 2, unscannable: [] } },
      audited,
      'tool-failed',
    ],
    [
      'the objects are no numbers',
      { ...clean, objects: { total: Number.NaN, scanned: 2, unscannable: [] } },
      audited,
      'tool-failed',
    ],
    [
      'an object is too large to be scanned',
      { ...clean, objects: { total: 1, scanned: 0, unscannable: [{ oid: 'x', reason: 'too-large' }] } },
      audited,
      'tool-failed',
    ],
    ['the audit crashed', clean, crashed, 'crashed'],
    ['the audit failed', clean, { kind: 'tool-failed', reason: 'r' }, 'tool-failed'],
    [
      'the lockfile of base is unreadable',
      clean,
      { kind: 'lock-unreadable', path: 'p', side: 'base', reason: 'r' },
      'tool-failed',
    ],
    ['it is given something unknown', { kind: 'clean' }, audited, 'crashed'],
    ['it is given nothing', undefined, audited, 'crashed'],
  ])('%s', (_name, scan, audit, cause) => {
    expect(verdict(scan, audit)).toMatchObject({ status: 'ERROR', check: { status: 'error', cause } });
  });
});

describe('a feed without an answer', () => {
  test.each(['unreachable', 'malformed'])('that is %s passes with a loud warning, and defers when strict', (kind) => {
    const audit = { kind, reason: 'r', changes: [] };
    const open = verdict(clean, audit);
    expect(open.status).toBe('PASS');
    expect(open.check.warnings.join()).toContain('DEPENDENCIES WERE NOT AUDITED');
    expect(verdict(clean, audit, strict)).toMatchObject({
      status: 'ERROR',
      check: { status: 'defer', cause: 'feed-down' },
    });
  });
});

test('where no feed is configured, none is called unreachable', () => {
  const audit = { kind: 'unreachable', reason: 'no advisory feed is configured (SET_IT)', changes: [] };
  expect(verdict(clean, audit).check.warnings).toEqual([
    'DEPENDENCIES WERE NOT AUDITED: no advisory feed is configured (SET_IT)',
  ]);
  const down = { ...audit, reason: 'no answer from the feed (ECONNREFUSED)' };
  expect(verdict(clean, down).check.warnings.join()).toContain('feed is unreachable (no answer from the feed');
});

describe('it passes with a warning for', () => {
  test.each<[string, unknown, unknown, string]>([
    ['a secret of base', { ...clean, preexisting: [finding] }, audited, 'stands on base already'],
    [
      'more of base',
      { ...clean, preexisting: [finding], standing: 3 },
      audited,
      '2 more secrets stand on base already',
    ],
    ['an allowed secret', { ...clean, allowed: [finding] }, audited, 'allowed by base'],
    ['a trust file', { ...clean, trustFiles: ['.npmrc'] }, audited, '.npmrc'],
    [
      'an archive',
      { ...clean, objects: { total: 1, scanned: 0, unscannable: [{ oid: 'x', path: 'a.zip', reason: 'compressed' }] } },
      audited,
      'a.zip',
    ],
    ['an advisory of base', clean, { ...audited, preexisting: [advisory] }, 'on base already'],
    [
      'a lockfile unreadable at both ends',
      clean,
      { kind: 'lock-unreadable', path: 'p', side: 'both', reason: 'r' },
      'on base as well',
    ],
    ['an audit that is switched off', clean, null, 'switched off'],
  ])('%s', (_name, scan, audit, text) => {
    const { status, check } = verdict(scan, audit);
    expect(status).toBe('PASS');
    expect(check.warnings.join()).toContain(text);
  });
});

test('policy may let lockfile changes pass and refuse what cannot be scanned', () => {
  expect(verdict(clean, { ...audited, changes: [change] }, { ...lax, lockChanges: 'warn' }).status).toBe('PASS');
  const objects = { total: 1, scanned: 0, unscannable: [{ oid: 'x', reason: 'compressed' }] };
  expect(verdict({ ...clean, objects }, audited, { ...lax, unscannable: 'error' }).status).toBe('ERROR');
});
