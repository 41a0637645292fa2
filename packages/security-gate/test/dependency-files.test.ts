/** What the audit says of dependency files that it did not read, of deleted locks and of ecosystems without a feed. */
import {
  auditDependencies,
  computeSecurityVerdict,
  type DependencyAudit,
  type FeedPort,
} from '@gatehouse/security-gate';
import { describe, expect, test } from '@jest/globals';
import { dependencyFileOf } from '../src/lock/dependency-files.ts';
import { HEX, SAMPLES, SRI } from './lock-samples.ts';
import { lockfile } from './lockfiles.ts';
import { type Files, planting } from './planted.ts';

const plant = planting();
const quiet: FeedPort = { name: 'quiet', query: async () => ({ kind: 'ok', advisories: [] }) };
const ASKS = '{"dependencies":{"good":"1"}}';
const NPM = lockfile(3, [
  { name: 'good', version: '1.0.0', resolved: 'https://registry.npmjs.org/good/-/good-1.0.0.tgz' },
]);

async function auditChange(base: Files, head: Files, feed: FeedPort = quiet) {
  const repo = plant();
  const from = repo.commit({ 'README.md': 'x', ...base });
  return auditDependencies({ git: repo.git, base: from, head: repo.commit(head), feed, minSeverity: 'high' });
}
const unreadOf = (audit: DependencyAudit | { readonly kind: 'crashed' }) =>
  audit.kind === 'audited' ? (audit.unread ?? []).map(({ path, isChanged }) => `${path} ${isChanged}`) : [audit.kind];

test('all at once: a lockfile of an unknown kind and manifests without a lock are named, covered ones are not', async () => {
  const answer = await auditChange(
    { 'old/bun.lock': '{}', 'broken/yarn.lock': 'no lockfile' },
    {
      'package.json': ASKS,
      'package-lock.json': NPM,
      'bare/package.json': '{"name":"x"}',
      'alone/package.json': ASKS,
      'rust/Cargo.toml': '[package]\nname = "x"\n[dependencies]\ngood = "1"\n',
      'py/pyproject.toml': '[project]\ndependencies = ["good"]\n',
      'py2/pyproject.toml': '[build-system]\nrequires = ["setuptools"]\n',
      'net/x.csproj': '<PackageReference Include="good" Version="1" />',
      'go/go.mod': 'module x\nrequire example.org/good v1.0.0\n',
      'jvm/pom.xml': '<project><dependency/></project>',
      'bun.lockb': 'binary',
      'node_modules/x/package.json': ASKS,
    },
  );
  expect(unreadOf(answer).sort()).toEqual(
    [
      'alone/package.json true',
      'broken/yarn.lock false',
      'bun.lockb true',
      'go/go.mod true',
      'jvm/pom.xml true',
      'net/x.csproj true',
      'old/bun.lock false',
      'py/pyproject.toml true',
      'rust/Cargo.toml true',
    ].sort(),
  );
});

test('a second lockfile of another manager beside the first one is said', async () => {
  const pnpm = `lockfileVersion: '9.0'\nimporters:\n  .: {}\npackages:\n  good@1.0.0:\n    resolution: {integrity: ${SRI}}\n`;
  const both = {
    'package.json': ASKS,
    'package-lock.json': lockfile(3, [{ name: 'good', version: '1.0.0', integrity: SRI }]),
  };
  const answer = await auditChange(both, { 'pnpm-lock.yaml': pnpm });
  expect(answer).toMatchObject({
    unread: [{ path: 'package-lock.json', why: expect.stringContaining('pnpm-lock.yaml') }],
  });
});

describe('a lockfile that the branch deletes', () => {
  const base = { 'package.json': ASKS, 'package-lock.json': NPM };
  test.each<[string, Files, string[]]>([
    ['is a fault while its manifest stays', { 'package-lock.json': null }, ['lock/deleted']],
    ['is none where its manifest asks for nothing any more', { 'package-lock.json': null, 'package.json': '{}' }, []],
    [
      'is a fault where an unknown kind takes its place',
      { 'package-lock.json': null, 'bun.lock': '{}' },
      ['lock/deleted'],
    ],
    ['is none with its manifest', { 'package-lock.json': null, 'package.json': null }, []],
    ['is none where another name takes its place', { 'package-lock.json': null, 'npm-shrinkwrap.json': NPM }, []],
    [
      'is a fault where a broken one takes its place',
      { 'package-lock.json': null, 'b/package-lock.json': NPM },
      ['lock/deleted'],
    ],
  ])('%s', async (_name, head, rules) => {
    const answer = await auditChange(base, head);
    expect('changes' in answer ? answer.changes.map(({ rule }) => rule) : answer).toEqual(rules);
  });
});

test('a lockfile that neither end can read stops no other from being looked at', async () => {
  const evil = lockfile(3, [{ name: 'n', version: '1.0.0', resolved: 'https://evil.invalid/n.tgz' }]);
  const answer = await auditChange(
    { 'fixtures/package-lock.json': '{', 'package-lock.json': NPM },
    { 'package-lock.json': evil },
  );
  expect(answer).toMatchObject({
    kind: 'audited',
    changes: [{ rule: 'lock/foreign-host' }],
    unread: [{ path: 'fixtures/package-lock.json' }],
  });
});

test('prose under a name that requirements may have is said and blocks nobody; requirements.txt itself must be readable', async () => {
  const prose = 'The system must be fast.\n';
  const answer = await auditChange({}, { 'docs/user_requirements.txt': prose, 'requirements/notes.txt': prose });
  expect(unreadOf(answer)).toEqual(['docs/user_requirements.txt true', 'requirements/notes.txt true']);
  expect(await auditChange({}, { 'requirements.txt': prose })).toMatchObject({ kind: 'lock-unreadable', side: 'head' });
  expect(await auditChange({ 'dev-requirements.txt': 'a==1\n' }, { 'dev-requirements.txt': prose })).toMatchObject({
    kind: 'lock-unreadable',
  });
});

test('no credentials of an address are shown', async () => {
  const lock = lockfile(3, [{ name: 'n', version: '1.0.0', resolved: 'git+https://user:word@h.example/n.git' }]);
  const requirements = '-r https://user:word@h.example/r.txt\n--index-url https://user:word@h.example/\n';
  const go = 'module x\nreplace a.example/a => h.example/b v1.0.0\n';
  const answer = await auditChange({}, { 'package-lock.json': lock, 'requirements.txt': requirements, 'go.mod': go });
  expect(answer).toMatchObject({
    changes: [{ path: 'go.mod' }, { path: 'package-lock.json' }, { path: 'requirements.txt' }],
  });
  expect(JSON.stringify(answer)).not.toContain('word');
});

test('hosts that base configures for its package managers are no strangers, those that the branch configures are', async () => {
  const mirror = lockfile(3, [{ name: 'n', version: '1.0.0', resolved: 'https://mirror.example/n/-/n-1.0.0.tgz' }]);
  const npmrc = { '.npmrc': `${'registry'}=https://mirror.example/\n` };
  expect(await auditChange(npmrc, { 'package-lock.json': mirror })).toMatchObject({ changes: [] });
  expect(await auditChange({}, { ...npmrc, 'package-lock.json': mirror })).toMatchObject({
    changes: [{ rule: 'lock/foreign-host' }],
  });
});

test('every format is audited at both ends, and packages of an ecosystem that the feed does not know are a gap', async () => {
  const files = Object.fromEntries(SAMPLES.map(({ path, text }, at) => [`f${at}/${path}`, text]));
  const asked = new Set<string>();
  const all: FeedPort = {
    name: 'all',
    ecosystems: ['npm', 'PyPI', 'Go', 'crates.io', 'Packagist', 'RubyGems'],
    query: async (packages) => {
      for (const { ecosystem, name, versions } of packages) asked.add(`${ecosystem} ${name} ${versions.join()}`);
      return {
        kind: 'ok',
        advisories: [
          {
            id: 'X-1',
            aliases: [],
            ecosystem: 'PyPI',
            package: 'good',
            severity: 'critical',
            vulnerableVersions: '',
            versions: ['1.0.0'],
          },
        ],
      };
    },
  };
  const answer = await auditChange({}, files, all);
  expect(answer).toMatchObject({
    kind: 'audited',
    changes: [{ rule: 'lock/new-install-script' }],
    introduced: [{ id: 'X-1', package: 'good', versions: ['1.0.0'] }],
    gaps: [{ ecosystem: 'Maven', reason: expect.stringContaining('2 packages'), added: 2 }],
  });
  expect([...asked].sort()).toEqual([
    'Go example.org/also 2.0.0',
    'Go example.org/good 1.0.0',
    'Packagist v/also v2.0.0',
    'Packagist v/good 1.0.0',
    'PyPI also 2.0.0',
    'PyPI good 1.0.0',
    'RubyGems also 2.0.0',
    'RubyGems good 1.0.0',
    'crates.io also 2.0.0',
    'crates.io good 1.0.0',
    'npm @s/also 2.0.0',
    'npm good 1.0.0',
  ]);
});

test('a pair of another ecosystem that base has blocks no change', async () => {
  const feed: FeedPort = {
    name: 'python',
    ecosystems: ['PyPI'],
    query: async () => ({
      kind: 'ok',
      advisories: [
        {
          id: 'X-1',
          aliases: [],
          ecosystem: 'PyPI',
          package: 'bad',
          severity: 'critical',
          vulnerableVersions: '',
          versions: ['1.0', '1.1'],
        },
      ],
    }),
  };
  const pins = (version: string): Files => ({ 'requirements.txt': `bad==${version} --hash=sha256:${HEX}\n` });
  expect(await auditChange(pins('1.0'), pins('1.1'), feed)).toMatchObject({
    introduced: [],
    preexisting: [{ versions: ['1.1'] }],
  });
  expect(await auditChange(pins('0.9'), pins('1.1'), feed)).toMatchObject({ introduced: [{ versions: ['1.1'] }] });
});

describe('in the verdict', () => {
  const clean = {
    kind: 'scanned',
    findings: [],
    introduced: 0,
    preexisting: [],
    allowed: [],
    expired: [],
    objects: { total: 1, scanned: 1, unscannable: [] },
    engines: ['x'],
    trustFiles: [],
  };
  const audited = {
    kind: 'audited',
    introduced: [],
    preexisting: [],
    belowThreshold: [],
    packages: 1,
    feed: { name: 'f' },
    changes: [],
  };
  const verdict = (audit: object, depFailClosed = false) =>
    computeSecurityVerdict({
      scan: clean,
      audit,
      policy: { depAuditEnabled: true, depFailClosed },
      commits: { base: 'a', head: 'b' },
      nonce: 'n',
      configDigest: 'd',
    } as never).check;
  const unread = [
    { path: 'bun.lock', why: 'no reader is for this kind of lockfile', isChanged: true },
    { path: 'old.lock', why: 'no reader', isChanged: false },
  ];
  const gaps = [{ ecosystem: 'PyPI', kind: 'unreachable', reason: 'none' }];

  test('unread files and gaps are warnings, and where the policy is closed a changed file blocks and a gap defers', () => {
    expect(verdict({ ...audited, unread, gaps })).toMatchObject({
      status: 'pass',
      warnings: [
        expect.stringMatching(/NOT AUDITED.*PyPI/),
        'dependencies not audited: bun.lock no reader is for this kind of lockfile',
        'dependencies not audited, as on base: old.lock no reader',
      ],
    });
    expect(verdict({ ...audited, unread }, true)).toMatchObject({
      status: 'fail',
      findings: [{ rule: 'dependency/unread', path: 'bun.lock' }],
    });
    expect(verdict({ ...audited, gaps }, true)).toMatchObject({ status: 'defer', cause: 'feed-down' });
    expect(verdict({ ...audited, gaps: gaps.map((gap) => ({ ...gap, added: 0 })) }, true)).toMatchObject({
      status: 'pass',
    });
  });

  test('a new package that runs a script warns, a known one that begins to is a finding', () => {
    const change = (rule: string) => ({
      ...audited,
      changes: [{ rule, path: 'package-lock.json', package: 'n@1', detail: 'x' }],
    });
    expect(verdict(change('lock/new-install-script'))).toMatchObject({
      status: 'pass',
      warnings: [expect.stringContaining('n@1')],
    });
    expect(verdict(change('lock/install-script'))).toMatchObject({ status: 'fail' });
  });
});

test.each([
  'bun.lock',
  'deno.lock',
  'packages.lock.json',
  'mix.lock',
  'pubspec.lock',
  'Podfile.lock',
  'Package.resolved',
  'flake.lock',
  'environment.yml',
  'conda-lock.yml',
  '.terraform.lock.hcl',
  'anything.lock',
  'some-lock.json',
  'my.lockfile',
])('%s is a lockfile of an unknown kind', (name) => {
  expect(dependencyFileOf(name)?.kind).toBe('unknown-lock');
  expect(dependencyFileOf(`a/b/${name}`)?.kind).toBe('unknown-lock');
});
