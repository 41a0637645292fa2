import type { NearMiss, Plant } from '../plant.ts';
import { manifest, SMALL } from '../small-repository.ts';

const PATH = 'packages/git/package.json';
const old =
  (found: string, wanted: string) =>
  (text: string): string =>
    text.replace(found, wanted);
const inManifest = (
  title: string,
  rule: string,
  found: string,
  wanted: string,
  line: number,
  says: string,
  also: string[] = [],
): Plant => ({
  title,
  rule,
  overlay: { [PATH]: old(found, wanted) },
  at: `${PATH}:${line}`,
  says,
  also,
});
const gone = (part: string): Plant => ({
  title: `a package without ${part}`,
  rule: 'missing-part',
  overlay: {
    [`packages/git/${part}`]: part === 'README.md' ? ' \n' : null,
    ...(part.startsWith('test')
      ? { 'packages/git/test/example.test.ts': SMALL['packages/git/test/boundary.test.ts'] ?? '' }
      : {}),
  },
  at: `packages/git/${part}:0`,
  says: `packages/git has no ${part}`,
});

export const plants: readonly Plant[] = [
  ...['README.md', 'test/boundary.test.ts'].map(gone),
  {
    ...gone('examples/first.ts'),
    overlay: { 'packages/git/examples/first.ts': null },
  },
  {
    title: 'an example no test runs',
    rule: 'example-not-run',
    overlay: {
      'packages/git/test/boundary.test.ts': "import { test } from '@jest/globals';\ntest; // examples/first.ts\n",
    },
    at: 'packages/git/examples/first.ts:0',
    says: 'run it in a test',
  },
  inManifest('another licence', 'field', '"MIT"', '"ISC"', 3, '"license": "MIT"'),
  inManifest('an older Node', 'field', '>=22.18', '>=18', 36, '"engines"'),
  inManifest('no typecheck', 'script', '"typecheck"', '"types"', 21, "no script 'typecheck'"),
  inManifest('nothing that CI runs', 'script', '"coverage"', '"covers"', 21, "no script 'coverage'"),
  inManifest(
    'tests that pass when there are none',
    'script',
    '--ci ',
    '--ci --passWithNoTests ',
    21,
    'none passes unrun',
  ),
  inManifest('tests that are not counted', 'script', ' --json', '', 21, 'so that its tests are counted'),
  {
    title: 'a Jest configuration of its own',
    rule: 'jest-config',
    overlay: { 'packages/git/jest.config.mjs': 'export default { testMatch: [] };\n' },
    at: 'packages/git/jest.config.mjs:1',
    says: 'must be exactly',
  },
  inManifest(
    'a version range',
    'not-exact',
    '"@jest/globals": "30.5.2"',
    '"@jest/globals": "^30.5.2"',
    34,
    'write one exact version',
    ['unequal'],
  ),
  inManifest(
    'a package of ours by version',
    'not-exact',
    '"@gatehouse/verdict": "workspace:*"',
    '"@gatehouse/verdict": "0.1.0"',
    30,
    "write 'workspace:*'",
    ['unequal'],
  ),
  {
    title: 'two versions of one dependency',
    rule: 'unequal',
    overlay: { [PATH]: old('"@jest/globals": "30.5.2"', '"@jest/globals": "30.5.1"') },
    at: 'packages/git/package.json:34',
    says: '@jest/globals is 30.5.1 here and 30.5.2 in apps/orchestrator',
  },
  {
    title: 'a manifest that is not JSON',
    rule: 'broken-manifest',
    overlay: { 'docs/package.json': '{,}' },
    at: 'docs/package.json:1',
    says: 'correct its syntax',
  },
  ...(
    [
      ['pnpm-workspace.yaml', 'minimumReleaseAge: 0'],
      ['pnpm-workspace.yaml', 'minimumReleaseAgeExclude: [left]'],
      ['.npmrc', 'minimum-release-age=60'],
      ['.ci/run', 'pnpm install --config.minimumReleaseAge=0'],
    ] as const
  ).map(([path, line]) => ({
    title: `${path}: ${line}`,
    rule: 'release-age',
    overlay: { [path]: `${line}\n${SMALL[path] ?? ''}` },
    at: `${path}:1`,
    says: 'leave it on',
  })),
  {
    title: 'a dependency of the root',
    rule: 'root-dependency',
    overlay: { 'package.json': old('"devDependencies"', '"dependencies": { "yaml": "2.9.1" },\n  "devDependencies"') },
    at: 'package.json:4',
    says: 'move the dependency',
  },
  {
    title: 'npm may leave its lockfile',
    rule: 'foreign-lockfile',
    overlay: { '.gitignore': 'node_modules/\n' },
    at: '.gitignore:0',
    says: 'keep package-lock.json ignored',
  },
  {
    title: 'a second lockfile',
    rule: 'foreign-lockfile',
    overlay: { 'package-lock.json': '{}\n' },
    at: 'package-lock.json:0',
    says: 'the only lockfile',
  },
];

const changeset = (title: string, text: string, at: number, says: string): Plant => ({
  title: `a changeset ${title}`,
  rule: 'changeset',
  overlay: { '.changeset/one.md': text },
  at: `.changeset/one.md:${at}`,
  says,
});

export const changesetPlants: readonly Plant[] = [
  changeset(
    'about a package that was renamed',
    "---\n'@gatehouse/git': minor\n'@gatehouse/gone': patch\n---\n\nx\n",
    3,
    'gone',
  ),
  changeset('with a bump that is none', "---\n'@gatehouse/git': small\n---\n\nx\n", 2, 'major, minor or patch'),
  changeset('without a word', "---\n'@gatehouse/git': minor\n---\n", 3, 'says nothing'),
  changeset('without front matter', 'Something changed.\n', 1, 'npm run changeset'),
];

export const nearMisses: readonly NearMiss[] = [
  {
    title: 'a changeset about two packages, and one about none',
    overlay: {
      '.changeset/one.md': '---\n\'@gatehouse/git\': minor\n"@gatehouse/orchestrator": patch\n---\n\nNew words.\n',
      '.changeset/two.md': '---\n---\n\nNothing a user sees.\n',
      '.changeset/README.md': 'how\n',
    },
  },
  { title: 'a longer release age', overlay: { 'pnpm-workspace.yaml': (text) => `${text}minimumReleaseAge: 4320\n` } },
  {
    title: 'a range of a peer',
    overlay: { [PATH]: old('"engines"', '"peerDependencies": { "@jest/globals": ">=30" },\n  "engines"') },
  },
  {
    title: 'lockfiles and manifests that are test data',
    overlay: {
      'packages/git/test/fixtures/a/package-lock.json': '{}\n',
      'packages/git/test/fixtures/a/package.json': '{ "dependencies": { "left": "^1.0.0" } }\n',
    },
  },
  {
    title: 'the bench measures peers at versions of its own',
    overlay: {
      'tools/bench/package.json': manifest('bench', [], { devDependencies: { '@jest/globals': '29.0.0' } }),
      'tools/bench/jest.config.mjs': SMALL['packages/git/jest.config.mjs'] ?? '',
      'tools/bench/test/a.test.ts': "import '@jest/globals';\n",
    },
  },
];
