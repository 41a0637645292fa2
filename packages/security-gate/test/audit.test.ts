import { auditDependencies, type FeedAdvisory, type FeedPort } from '@gatehouse/security-gate';
import { describe, expect, test } from '@jest/globals';
import { lockfile, type Wanted } from './lockfiles.ts';
import { type Files, planting } from './planted.ts';

const plant = planting();
const bad = {
  id: '7',
  aliases: ['GHSA-aaaa-bbbb-cccc'],
  package: 'bad',
  severity: 'high',
  vulnerableVersions: '<2.0.0',
} as const;
const feedOf = (...advisories: FeedAdvisory[]): FeedPort => ({
  name: 'test',
  query: async (packages) => ({
    kind: 'ok',
    advisories: advisories.filter((one) => packages.some(({ name }) => name === one.package)),
  }),
});

async function auditChange(base: Files, head: Files, feed: FeedPort = feedOf(bad)) {
  const repo = plant();
  const from = repo.commit({ 'package.json': '{}', ...base });
  return auditDependencies({ git: repo.git, base: from, head: repo.commit(head), feed, minSeverity: 'high' });
}
const lock = (...packages: Wanted[]): Files => ({ 'package-lock.json': lockfile(3, packages) });
const good = { name: 'good', version: '1.0.0' };
const old = { name: 'bad', version: '1.0.0' };

test.each([1, 2, 3] as const)('a new vulnerable package in a lockfile of version %d is introduced', async (version) => {
  const answer = await auditChange(
    { 'package-lock.json': lockfile(version, [good]) },
    { 'package-lock.json': lockfile(version, [good, old]) },
  );
  expect(answer).toMatchObject({ kind: 'audited', packages: 2, introduced: [{ package: 'bad', versions: ['1.0.0'] }] });
});

test('a vulnerable package that only the older list of a version 2 lockfile holds is introduced', async () => {
  const both = JSON.parse(lockfile(2, [good, old]));
  delete both.packages['node_modules/bad'];
  expect(await auditChange(lock(good), { 'package-lock.json': JSON.stringify(both) })).toMatchObject({
    introduced: [{ package: 'bad' }],
  });
});

test('an alias is resolved to its real name', async () => {
  const aliased = JSON.stringify({
    lockfileVersion: 3,
    packages: { 'node_modules/nice': { name: 'bad', version: '1.0.0' } },
  });
  const first = JSON.stringify({ lockfileVersion: 1, dependencies: { nice: { version: 'npm:bad@1.0.0' } } });
  for (const text of [aliased, first])
    expect(await auditChange(lock(good), { 'package-lock.json': text })).toMatchObject({
      introduced: [{ package: 'bad' }],
    });
});

test('what base has already blocks no change, a still vulnerable bump included', async () => {
  const same = await auditChange(lock(old), lock(old, good));
  expect(same).toMatchObject({ introduced: [], preexisting: [{ package: 'bad' }] });
  const bumped = await auditChange(lock(old), lock({ name: 'bad', version: '1.5.0' }));
  expect(bumped).toMatchObject({ introduced: [], preexisting: [{ versions: ['1.5.0'] }] });
});

test('the same advisory under another id is the same advisory', async () => {
  const twin = { ...bad, id: '8', vulnerableVersions: '>=1.5.0 <2.0.0' };
  const answer = await auditChange(lock(old), lock({ name: 'bad', version: '1.5.0' }), feedOf(twin, bad));
  expect(answer).toMatchObject({ introduced: [], preexisting: [{ package: 'bad' }] });
});

test('severity below the threshold does not block; an unknown one counts as high', async () => {
  const low = await auditChange(lock(good), lock(good, old), feedOf({ ...bad, severity: 'moderate' }));
  expect(low).toMatchObject({ introduced: [], belowThreshold: [{ package: 'bad' }] });
  const unknown = await auditChange(lock(good), lock(good, old), feedOf({ ...bad, severity: 'unknown' }));
  expect(unknown).toMatchObject({ introduced: [{ severity: 'unknown' }] });
});

test('a fixed version and a repository without lockfiles are clean', async () => {
  expect(await auditChange(lock(good), lock(good, { name: 'bad', version: '2.0.0' }))).toMatchObject({
    introduced: [],
  });
  expect(await auditChange({}, { a: '1' })).toEqual({ kind: 'none' });
});

describe('a lockfile that cannot be read', () => {
  const broken = { 'package-lock.json': '{"lockfileVersion": 3' };
  test.each([
    ['head', lock(good), broken],
    ['base', broken, lock(good)],
    ['both', broken, { 'package-lock.json': '[]' }],
    ['head', lock(good), { 'package-lock.json': { link: '/etc/passwd' } }],
    ['head', lock(good), { 'package-lock.json': '{"lockfileVersion":9,"packages":{}}' }],
    ['head', lock(good), { 'package-lock.json': '{"lockfileVersion":3}' }],
  ])('is reported with its side: %s', async (side, base, head) => {
    expect(await auditChange(base, head)).toMatchObject({ kind: 'lock-unreadable', side, path: 'package-lock.json' });
  });
});

describe('a lockfile change that is wrong by itself:', () => {
  test.each<[string, Files, string]>([
    ['other content under the same version', lock({ ...good, integrity: 'sha512-other' }), 'lock/integrity-changed'],
    [
      'a host that base does not use',
      lock(good, { name: 'n', version: '1.0.0', resolved: 'https://evil.example/n.tgz' }),
      'lock/foreign-host',
    ],
    [
      'a git dependency',
      lock(good, { name: 'n', version: '1.0.0', resolved: 'git+ssh://git@host/n.git#1' }),
      'lock/not-from-registry',
    ],
    ['no integrity', lock(good, { name: 'n', version: '1.0.0', integrity: '' }), 'lock/no-integrity'],
    ['the lockfile deleted', { 'package-lock.json': null }, 'lock/deleted'],
  ])('%s', async (_name, head, rule) => {
    expect(await auditChange(lock(good), head)).toMatchObject({ kind: 'audited', changes: [{ rule }] });
  });

  test('is not what base had already', async () => {
    const odd = { name: 'n', version: '1.0.0', resolved: 'git+ssh://git@host/n.git#1' };
    const more = { name: 'more', version: '1.0.0' };
    expect(await auditChange(lock(odd, good), lock(odd, good, more))).toMatchObject({ changes: [] });
  });
});

test('configuration in the branch has no say and nothing is run', async () => {
  const answer = await auditChange(lock(good), {
    ...lock(good, old),
    '.npmrc': 'audit-level=none\nregistry=http://127.0.0.1:1/\n',
    'osv-scanner.toml': '[[PackageOverrides]]\nignore = true\n',
    'package.json': '{"scripts":{"preinstall":"touch marker"}}',
  });
  expect(answer).toMatchObject({ introduced: [{ package: 'bad' }] });
});
