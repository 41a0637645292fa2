/** Changes to the measurement itself, in real commits. */
import { type FilePatch, findTampering } from '@gatehouse/coverage-gate';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
beforeAll(() => {
  repo = new ScratchRepo();
});
afterAll(() => repo.remove());

const manifest = (fields: object): string => JSON.stringify({ name: 'x', ...fields });
const whole: FilePatch = { status: 'M', added: [{ start: 1, end: 100 }] };

async function inspect(
  before: Record<string, string>,
  after: Record<string, string>,
  patch: Record<string, FilePatch>,
): ReturnType<typeof findTampering> {
  const [base, head] = [repo.commit(before), repo.commit(after)];
  return findTampering({ git: { gitDir: repo.gitDir }, base, head, patch: new Map(Object.entries(patch)) });
}

test('comments that switch measuring off are found in added lines only', async () => {
  const text = [
    '/* c8 ignore next */',
    'code();',
    '/* istanbul ignore if */',
    'code(); // pragma: no cover',
    '/* node:coverage disable */',
    '// LCOV_EXCL_START',
    '#[coverage(off)]',
    'fn hidden() {}',
  ].join('\n');
  const patch = { 'src/a.ts': { status: 'M', added: [{ start: 2, end: 9_000_000 }] } } as const;
  expect(await inspect({}, { 'src/a.ts': text }, patch)).toEqual({
    kind: 'inspected',
    configs: [],
    continued: new Map(),
    unread: 0,
    pragmas: [
      { path: 'src/a.ts', line: 3, pragma: 'istanbul ignore if', hides: [{ start: 4, end: 4 }] },
      { path: 'src/a.ts', line: 4, pragma: 'pragma: no cover', hides: [] },
      { path: 'src/a.ts', line: 5, pragma: 'node:coverage disable', hides: [{ start: 8, end: 8 }] },
      { path: 'src/a.ts', line: 6, pragma: 'LCOV_EXCL_START', hides: [] },
      { path: 'src/a.ts', line: 7, pragma: 'coverage(off)', hides: [] },
    ],
  });
});

test('a comment is found in whatever way its tool lets it be written', async () => {
  const found = {
    'a.py': ['# pragma: no cover', '#pragma no cover', '# PRAGMA:NOCOVER', '# pragma:   no   cover'],
    'a.ts': ['/* istanbul  ignore   next */', '/* c8 ignore start */', '// deno-coverage-ignore', '/* v8 ignore if */'],
    'a.c': ['// LCOV_UNREACHABLE_LINE', '/* GCOV_EXCL_LINE */', '/* GRCOV_EXCL_START */'],
    'a.php': ['#[CodeCoverageIgnore]', '#[Attributes\\CodeCoverageIgnore]', '/** @codeCoverageIgnore */'],
    'A.java': ['@Generated', '@lombok.Generated', '@GeneratedByThem("x")', '@NotGenerated'],
    'a.kt': ['@file:Generated'],
    'a.ex': ['# coveralls-ignore-start'],
    'a.ml': ['[@@@coverage off]'],
  };
  const others = {
    'b.py': ['# pragma: no branch', '# no cover'],
    'b.php': ['use PHPUnit\\Framework\\Attributes\\CodeCoverageIgnore;'],
    'B.java': ['@GeneratedValue(strategy = AUTO)'],
  };
  const all = { ...found, ...others };
  const files = Object.fromEntries(Object.entries(all).map(([path, lines]) => [path, lines.join('\n')]));
  const answer = await inspect({}, files, Object.fromEntries(Object.keys(all).map((path) => [path, whole])));
  if (answer.kind !== 'inspected') throw new Error(answer.kind);
  const places = answer.pragmas.map(({ path, line }) => `${path}:${line}`);
  expect(places).toEqual(Object.entries(found).flatMap(([path, lines]) => lines.map((_, at) => `${path}:${at + 1}`)));
});

test('a changed tool configuration is named, a removed one too', async () => {
  const patch = {
    '.coveragerc': { ...whole, status: 'D' as const },
    'pkg/vitest.config.ts': whole,
    'src/config.ts': whole,
  };
  expect(
    await inspect({ '.coveragerc': '' }, { 'pkg/vitest.config.ts': '', 'src/config.ts': '' }, patch),
  ).toMatchObject({
    configs: ['.coveragerc', 'pkg/vitest.config.ts'],
  });
});

test('a manifest counts when its scripts or tool blocks change, not for a dependency', async () => {
  const before = manifest({ scripts: { test: 'a' }, dependencies: { x: '1' } });
  const patch = { 'package.json': whole };
  const bump = manifest({ scripts: { test: 'a' }, dependencies: { x: '2' } });
  expect(await inspect({ 'package.json': before }, { 'package.json': bump }, patch)).toMatchObject({ configs: [] });
  const script = manifest({ scripts: { test: 'true' }, dependencies: { x: '1' } });
  expect(await inspect({ 'package.json': before }, { 'package.json': script }, patch)).toMatchObject({
    configs: ['package.json'],
  });
  expect(await inspect({ 'package.json': before }, { 'package.json': 'no json' }, patch)).toMatchObject({
    configs: ['package.json'],
  });
});

test('of a file that says more than how to measure, the measuring part counts, even when lines only leave it', async () => {
  const before = '[project]\ndependencies = ["x==1"]\n[tool.coverage.run]\nbranch = true\nsource = ["src"]\n';
  const patch = { 'pyproject.toml': { status: 'M' as const, added: [] } };
  const bump = before.replace('x==1', 'x==2');
  expect(await inspect({ 'pyproject.toml': before }, { 'pyproject.toml': bump }, patch)).toMatchObject({ configs: [] });
  const less = before.replace('source = ["src"]\n', '');
  expect(await inspect({ 'pyproject.toml': before }, { 'pyproject.toml': less }, patch)).toMatchObject({
    configs: ['pyproject.toml'],
  });
  const gone = { 'pyproject.toml': { status: 'D' as const, added: [] } };
  expect(await inspect({ 'pyproject.toml': before }, { a: '' }, gone)).toMatchObject({ configs: ['pyproject.toml'] });
});

const PARTS: readonly (readonly [string, string, string])[] = [
  ['pom.xml', '<a/>\n', '<a/>\n<plugin>jacoco</plugin>\n<excludes>big</excludes>\n'],
  ['build.gradle.kts', 'x\n', 'x\njacoco { toolVersion = "1" }\n'],
  ['noxfile.py', 'x = 1\n', 'x = 1\nsession.run("coverage", "--omit=big.py")\n'],
  ['tox.ini', '[testenv]\ncommands = a\n', '[testenv]\ncommands = b\n'],
  ['setup.cfg', '[coverage:run]\n', '[coverage:run]\nomit = big.py\n'],
  ['Cargo.toml', '[package]\n', '[package]\n[package.metadata.tarpaulin]\nexclude = "big"\n'],
  ['deno.json', '{"tasks":{"cov":"a"}}', '{"tasks":{"cov":"b"}}'],
];
const WHOLE = [
  ...['.nycrc.json', '.c8rc', 'web/jest.unit.config.ts', 'vite.config.mts', '.taprc', '.mocharc.yml', '.coveragerc'],
  ...['sitecustomize.py', '.simplecov', 'gcovr.cfg', 'ci/unit.runsettings', 'phpunit.dist.xml', '.testcoverage.yml'],
  ...['sonar-project.properties', 'lombok.config'],
];

test('the known configurations of measurements are named: whole, or where they say what is measured', async () => {
  const paths = [...WHOLE, ...PARTS.map(([path]) => path)];
  const before = Object.fromEntries([...WHOLE.map((path) => [path, '']), ...PARTS]);
  const after = Object.fromEntries([
    ...WHOLE.map((path) => [path, 'x']),
    ...PARTS.map(([path, , text]) => [path, text]),
  ]);
  const answer = await inspect(before, after, Object.fromEntries(paths.map((path) => [path, whole])));
  expect(answer).toMatchObject({ configs: paths });
});

test('a text about such comments switches nothing off', async () => {
  const text = 'Write `/* c8 ignore next */` above it.\n';
  expect(await inspect({}, { 'README.md': text }, { 'README.md': whole })).toMatchObject({ pragmas: [] });
});

test('what is too large to read is counted, never skipped in silence', async () => {
  expect(await inspect({}, { 'big.ts': 'x'.repeat(2 ** 21 + 1) }, { 'big.ts': whole })).toMatchObject({ unread: 1 });
});

test('a comment inside what another hides hides nothing more, and an end mark is none', async () => {
  const text = ['/* c8 ignore start */', 'a();', '/* c8 ignore next */', 'b();', '/* c8 ignore stop */', 'c();'];
  expect(await inspect({}, { 'a.ts': text.join('\n') }, { 'a.ts': whole })).toMatchObject({
    pragmas: [
      {
        line: 1,
        hides: [
          { start: 2, end: 2 },
          { start: 4, end: 4 },
        ],
      },
      { line: 3, hides: [] },
    ],
  });
});
