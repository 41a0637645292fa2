/** A whole repository: what stands in a commit, and what its history holds. */
import { auditRepository, type FeedPort, type RepositoryAuditRequest } from '@gatehouse/security-gate';
import { expect, test } from '@jest/globals';
import { githubToken } from './fake-secrets.ts';
import { PUBLIC } from './lock-faults.ts';
import { planting } from './planted.ts';

const plant = planting();
const POLICY = { depAuditEnabled: true, depFailClosed: false } as const;

/** A lockfile of npm, with `more` in the entry of each package. */
const npmLock = (packages: Readonly<Record<string, object>>): string => {
  const entries = Object.entries(packages).map(([name, more]) => [
    `node_modules/${name}`,
    { version: '1.0.0', resolved: `${PUBLIC}/${name}/-/${name}-1.0.0.tgz`, integrity: `sha512-${name}`, ...more },
  ]);
  return JSON.stringify({ name: 'x', lockfileVersion: 3, packages: { '': {}, ...Object.fromEntries(entries) } });
};

const FEED: FeedPort = {
  name: 'double',
  query: async (asked) => ({
    kind: 'ok',
    advisories: asked
      .filter(({ name }) => name === 'bad')
      .map(({ name, versions }) => ({
        ...{ id: 'GHSA-1', aliases: [], package: name, vulnerableVersions: '*', versions: [...versions] },
        ...{ severity: 'high' as const, title: 'it breaks', url: '' },
      })),
  }),
};

const ask = (repo: ReturnType<typeof plant>, commit: string, more: Partial<RepositoryAuditRequest> = {}) =>
  auditRepository({ git: repo.git, commit, audit: { feed: FEED, minSeverity: 'high' }, policy: POLICY, ...more });

test('a commit without anything wrong passes, and a shallow clone of it as well', async () => {
  const repo = plant();
  repo.commit({ 'a.txt': 'a\n' }, 'one');
  const commit = repo.commit({ 'b.txt': 'b\n' }, 'two');
  expect(await ask(repo, commit)).toMatchObject({ check: { status: 'pass', findings: [], commits: { head: commit } } });
  const clone = plant();
  clone.run('fetch', '--quiet', '--depth=1', `file://${repo.dir}`, 'main');
  expect(await ask(clone, commit)).toMatchObject({ check: { status: 'pass' } });
  expect(await ask(clone, commit, { history: true })).toMatchObject({
    check: { status: 'error', reason: expect.stringContaining('shallow') },
  });
});

test('a secret that stands there is found at its place, in words for main, and is shown nowhere', async () => {
  const token = githubToken('audit');
  const repo = plant();
  const commit = repo.commit({ 'app/.env': `A=1\nTOKEN=${token}\n` }, 'one');
  const found = await ask(repo, commit);
  expect(found).toMatchObject({
    check: {
      status: 'fail',
      reason: 'there is 1 secret',
      findings: [{ path: 'app/.env', line: 2, commit, message: expect.stringContaining('take it out') }],
    },
  });
  expect(JSON.stringify(found)).not.toMatch(new RegExp(`${token}|branch`));
});

test('of a whole repository more than fifty are listed', async () => {
  const repo = plant();
  const commit = repo.commit(
    { list: Array.from({ length: 55 }, (_, n) => `${githubToken(`of ${n}`)}\n`).join('') },
    'one',
  );
  const found = await ask(repo, commit);
  expect(found).toMatchObject({ check: { status: 'fail', reason: 'there are 55 secrets' }, scan: { introduced: 55 } });
  if ('kind' in found) throw new Error(found.kind);
  expect(new Set(found.check.findings.map(({ line }) => line)).size).toBe(55);
});

test('a secret that only the history holds is found where that is asked for', async () => {
  const repo = plant();
  const first = repo.commit({ 'a.txt': `token = ${githubToken('gone')}\n` }, 'one');
  const commit = repo.commit({ 'a.txt': 'token = read from the environment\n' }, 'two');
  expect(await ask(repo, commit)).toMatchObject({ check: { status: 'pass' } });
  expect(await ask(repo, commit, { history: true })).toMatchObject({
    check: { status: 'fail', findings: [{ path: 'a.txt', commit: first }] },
  });
});

test('an installed vulnerability, a foreign host, a dependency file nobody reads and a large file are told', async () => {
  const repo = plant();
  const commit = repo.commit(
    {
      'package.json': '{"dependencies":{"bad":"1"}}',
      'package-lock.json': npmLock({
        bad: {},
        other: { resolved: 'https://example.org/other-1.0.0.tgz' },
      }),
      ...Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`${at}/mix.lock`, '%{}\n'])),
      '.npmrc': 'audit-level=none\n',
      'big.bin': 'x'.repeat(2000),
    },
    'one',
  );
  const policy = { ...POLICY, largeFiles: 'block' } as const;
  const { check } = (await ask(repo, commit, { largeBytes: 1000, policy })) as Awaited<
    ReturnType<typeof auditRepository>
  > & { kind?: undefined };
  expect(check.findings.map(({ rule }) => rule).sort()).toEqual([
    'dependency/known-vulnerability',
    'entry/large-file',
    'lock/foreign-host',
  ]);
  expect(check.findings.find(({ rule }) => rule.startsWith('dependency'))?.message).toMatch(/^It installs bad@1\.0\.0/);
  expect(check.warnings).toEqual([
    'these files steer tools or agents: .npmrc',
    expect.stringMatching(/^dependencies not audited: 0\/mix\.lock no reader .*; and 3 more$/),
  ]);
  const strict = { ...policy, depFailClosed: true };
  const held = (await ask(repo, commit, { largeBytes: 1000, policy: strict })) as { readonly check: typeof check };
  expect(held.check.findings.filter(({ rule }) => rule === 'dependency/unread')).toHaveLength(8);
});

test('hosts that the repository names itself are its own, and no package is new', async () => {
  const repo = plant();
  const lock = npmLock({
    own: { resolved: 'https://npm.example.org/own-1.0.0.tgz', hasInstallScript: true },
  });
  const files = { 'package-lock.json': lock, '.npmrc': `${'registry'}=https://npm.example.org/\n` };
  const commit = repo.commit({ 'package.json': '{"dependencies":{"own":"1"}}', ...files }, 'one');
  const found = await ask(repo, commit);
  expect(found).toMatchObject({ check: { status: 'pass' } });
  expect(JSON.stringify(found)).not.toContain('install-script');
});

test('a feed that cannot be asked is a warning, a strict one defers, and what cannot be read is an error', async () => {
  const repo = plant();
  const commit = repo.commit(
    { 'package.json': '{"dependencies":{"a":"1"}}', 'package-lock.json': npmLock({ a: {} }) },
    'one',
  );
  const audit = { feed: 'nobody is asked', minSeverity: 'high' } as const;
  expect(await ask(repo, commit, { audit })).toMatchObject({
    check: { status: 'pass', warnings: [expect.stringContaining('nobody is asked')] },
  });
  const strict = { ...POLICY, depFailClosed: true };
  expect(await ask(repo, commit, { audit, policy: strict })).toMatchObject({
    check: { status: 'defer', cause: 'feed-down' },
  });
  expect(await ask(repo, 'f'.repeat(40))).toMatchObject({ check: { status: 'error' } });
  expect(await ask(repo, 'main')).toMatchObject({ check: { status: 'error' } });
});
