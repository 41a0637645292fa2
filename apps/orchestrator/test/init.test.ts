import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { detectStack } from '../src/cli/init/detect-stack.ts';
import { policyText } from '../src/cli/init/policy-text.ts';
import { parsePolicyFile } from '../src/policy/policy-file.ts';
import { gitIn } from './ci-clones.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';

type Files = Readonly<Record<string, string>>;

const detected = (files: Files) => {
  const names = new Set(Object.keys(files).map((path) => (path.includes('/') ? `${path.split('/')[0]}/` : path)));
  return detectStack({ names, text: (name) => files[name] ?? null });
};
const manifest = (more: object = {}): string => JSON.stringify({ scripts: { test: 'vitest run' }, ...more });
const NODE = { 'package.json': manifest({ devDependencies: { vitest: '1' } }) };

const STACKS: readonly [name: string, files: Files, setup: string | null, command: string][] = [
  ['npm', { ...NODE, 'package-lock.json': '{}' }, 'npm ci --no-audit --no-fund', 'npm test'],
  ['npm', NODE, 'npm install --no-audit --no-fund --no-package-lock', 'npm test'],
  ['npm', { 'package.json': manifest() }, null, 'npm test'],
  ['pnpm', { ...NODE, 'pnpm-lock.yaml': '' }, 'pnpm install --frozen-lockfile', 'pnpm test'],
  ['yarn', { ...NODE, 'yarn.lock': '' }, 'yarn install --frozen-lockfile', 'yarn test'],
  ['yarn', { ...NODE, 'yarn.lock': '', '.yarnrc.yml': '' }, 'yarn install --immutable', 'yarn test'],
  ['bun', { ...NODE, 'bun.lock': '' }, 'bun install --frozen-lockfile', 'bun run test'],
  [
    'pnpm',
    { 'package.json': manifest({ packageManager: 'pnpm@9.1.0' }), 'pnpm-lock.yaml': '', 'package-lock.json': '' },
    'pnpm install --frozen-lockfile',
    'pnpm test',
  ],
  ['deno', { 'deno.json': '{}' }, null, 'deno test'],
  [
    'pytest with uv',
    { 'pyproject.toml': '[project]\n', 'uv.lock': '', 'tests/t.py': '' },
    'uv sync --locked',
    'uv run python -m pytest -q',
  ],
  [
    'pytest with poetry',
    { 'pyproject.toml': '[tool.poetry]\npytest = "*"\n' },
    'poetry install --no-interaction',
    'poetry run python -m pytest -q',
  ],
  [
    'pytest',
    { 'requirements.txt': '', 'tests/t.py': '' },
    'python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt pytest pytest-cov',
    '.venv/bin/python -m pytest -q',
  ],
  [
    'pytest',
    { 'pyproject.toml': '[project]\n', 'conftest.py': '' },
    'python3 -m venv .venv && .venv/bin/pip install -q -e . pytest pytest-cov',
    '.venv/bin/python -m pytest -q',
  ],
  [
    'unittest',
    { 'setup.py': '' },
    'python3 -m venv .venv && .venv/bin/pip install -q -e . coverage',
    '.venv/bin/python -m unittest',
  ],
  ['go', { 'go.mod': '' }, null, 'go test ./...'],
  ['cargo', { 'Cargo.toml': '', 'Cargo.lock': '' }, null, 'cargo test --locked'],
  ['maven', { 'pom.xml': '', mvnw: '' }, null, './mvnw -B -ntp test'],
  ['gradle', { 'build.gradle.kts': '', gradlew: '' }, null, './gradlew --no-daemon test'],
  ['gradle', { 'settings.gradle': '' }, null, 'gradle --no-daemon test'],
  [
    'bundler',
    { Gemfile: '', 'spec/a.rb': '' },
    'bundle config set --local path vendor/bundle && bundle install --quiet',
    'bundle exec rspec',
  ],
  ['composer', { 'composer.json': '{}' }, 'composer install --no-interaction --quiet', 'vendor/bin/phpunit'],
  ['mix', { 'mix.exs': '' }, 'mix local.hex --force && mix deps.get', 'mix test'],
  ['dotnet', { 'App.sln': '' }, 'dotnet restore', 'dotnet test --no-restore'],
  ['make', { Makefile: 'all:\n\ntest: all\n\t./t\n' }, null, 'make test'],
];

describe('what the files at the root say', () => {
  test.each(STACKS)('%s of %j', (name, files, setup, command) => {
    const found = detected(files);
    expect(found).toMatchObject({ kind: 'detected', stack: { name, setup, command } });
    if (found.kind !== 'detected') return;
    for (const ran of [null, 12]) {
      const parsed = parsePolicyFile(policyText(found.stack, { tests: ran }), 'x', 'repository');
      expect(parsed).toMatchObject({ kind: 'policy', policy: { test: { command, min_tests: 1, timeout: 900_000 } } });
    }
  });

  test('nothing that applies is not guessed over, and what came close is told', () => {
    expect(detected({ 'README.md': '' })).toEqual({ kind: 'unknown', seen: [] });
    const seen = [expect.stringContaining('no test script'), expect.stringContaining('no target test')];
    expect(detected({ 'package.json': '{}', Makefile: 'TEST := 1\ntest := 2\n' })).toEqual({ kind: 'unknown', seen });
    for (const text of [
      '[]',
      '{',
      'null',
      '{"scripts":1}',
      '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}',
    ])
      expect(detected({ 'package.json': text }).kind).toBe('unknown');
  });

  test('a second stack beside the first is told as not covered', () => {
    expect(detected({ 'go.mod': '', Makefile: 'test:\n' })).toMatchObject({
      stack: { name: 'go', unsure: [expect.stringMatching(/Makefile.*not part of test\.command/)] },
    });
  });
});

function repository(files: Files, branch = 'main'): string {
  const dir = join(scratchFolder(), 'repo');
  mkdirSync(dir);
  gitIn(dir, 'init', '--quiet', `--initial-branch=${branch}`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  gitIn(dir, 'add', '-A');
  gitIn(dir, '-c', 'user.name=A', '-c', 'user.email=a@b.invalid', 'commit', '--quiet', '-m', 'begin');
  return dir;
}

const MADE = { Makefile: 'test:\n\t@echo "1..2"; echo "ok 1 - a"; echo "ok 2 - b"\n' };

describe('gatehouse init', () => {
  test('writes a definition that was green on main, and the gate takes it as it is', async () => {
    const dir = repository(MADE, 'master');
    mkdirSync(join(dir, 'deep'));
    const said = await cli(['init', '--json'], join(dir, 'deep'));
    expect([said.exit, onlyJson(said)]).toMatchObject([
      0,
      { path: join(dir, 'gatehouse.yaml'), written: true, stack: 'make', proof: { status: 'green', tests: 2 } },
    ]);
    expect(readFileSync(join(dir, 'gatehouse.yaml'), 'utf8')).toContain('Main ran 2 when this file was made');
    execFileSync(
      'sh',
      [
        '-c',
        'git add gatehouse.yaml && git -c user.name=A -c user.email=a@b.invalid commit -qm policy && git checkout -qb work && echo x >x && git add x && git -c user.name=A -c user.email=a@b.invalid commit -qm x',
      ],
      { cwd: dir },
    );
    const gate = await cli(['gate', 'merge', '--base', 'master', '--json'], dir);
    expect(onlyJson(gate)).toMatchObject({ status: 'pass', warnings: [] });
  });

  test('never replaces a file by itself, and --dry-run writes none', async () => {
    const dir = repository({ ...MADE, 'gatehouse.yaml': 'version: 1\n' });
    const refused = await cli(['init', '--no-proof'], dir);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining('--force replaces it')]);
    const shown = await cli(['init', '--no-proof', '--dry-run'], dir);
    expect([shown.exit, shown.out]).toEqual([0, expect.stringContaining('command: make test')]);
    expect(shown.out).toContain('  gatehouse init --force\n');
    expect(readFileSync(join(dir, 'gatehouse.yaml'), 'utf8')).toBe('version: 1\n');
    expect((await cli(['init', '--no-proof', '--force'], dir)).exit).toBe(0);
    expect(readFileSync(join(dir, 'gatehouse.yaml'), 'utf8')).toContain('command: make test');
  });

  test('is tried alone: what only the file in place brought is missed as the gate will miss it', async () => {
    const needy = 'test:\n\t@test -e ready && echo "1..1" && echo "ok 1 - a"\n';
    const dir = repository({
      Makefile: needy,
      'gatehouse.yaml': 'version: 1\ntest: { command: make test, setup: touch ready }\n',
    });
    const said = await cli(['init', '--force', '--dry-run', '--json'], dir);
    expect([said.exit, onlyJson(said)]).toMatchObject([1, { proof: { status: 'red' } }]);
    expect(said.out).not.toContain('touch ready');
  });

  test('says of a main that is red under it what its run said and what is likely missing', async () => {
    const dir = repository({ Makefile: 'test:\n\tnosuchtool --all\n' });
    const said = await cli(['init'], dir);
    expect(said.exit).not.toBe(0);
    expect(said.out).toContain('  | make: nosuchtool: No such file or directory');
    expect(said.out).toContain('nosuchtool is not on PATH');
    expect(said.out).toContain('gatehouse gate merge --branch HEAD');
    expect(existsSync(join(dir, 'gatehouse.yaml'))).toBe(true);
  });

  test('says what to do where nothing can be detected, read or written', async () => {
    const nothing = await cli(['init'], repository({ 'README.md': 'x\n' }));
    expect([nothing.exit, nothing.err]).toEqual([3, expect.stringContaining('test: { command: YOUR TEST COMMAND }')]);
    const outside = await cli(['init'], scratchFolder());
    expect([outside.exit, outside.err]).toEqual([2, expect.stringContaining('no git repository')]);
    const unborn = scratchFolder();
    gitIn(unborn, 'init', '--quiet');
    expect((await cli(['init'], unborn)).err).toContain('commit first');
    expect((await cli(['init', '--base', 'nope'], repository(MADE))).err).toContain('no branch "nope"');
  });
});

const NODE_TESTS = {
  'a.js': 'exports.one = () => 1;\nexports.two = () => 2;\n',
  'a.test.js': "require('node:test')('one', () => require('node:assert').equal(require('./a.js').one(), 1));\n",
};
const nodeTests = (script: string): Files => ({
  'package.json': JSON.stringify({ scripts: { test: 'node --test', coverage: script } }),
  ...NODE_TESTS,
});

test('the coverage that is offered is tried on main as well, and what stands in its way is told and written', async () => {
  const dir = repository(nodeTests('echo the tool is missing >&2; exit 127'));
  const said = await cli(['init'], dir);
  expect(said.exit).toBe(0);
  expect(said.out).toMatch(
    /coverage cannot be measured on main as the file offers it: .*127[\s\S]*\| the tool is missing/,
  );
  expect(readFileSync(join(dir, 'gatehouse.yaml'), 'utf8')).toContain('# Tried on main: this does not measure yet.');
});

test('coverage that main can measure is said to be so', async () => {
  const report = '--test-reporter=lcov --test-reporter-destination=coverage/lcov.info';
  const dir = repository(nodeTests(`mkdir -p coverage && node --test --experimental-test-coverage ${report}`));
  const said = await cli(['init', '--json'], dir);
  expect(onlyJson(said)).toMatchObject({ proof: { status: 'green', coverage: { measured: true } } });
  expect(readFileSync(join(dir, 'gatehouse.yaml'), 'utf8')).toContain('# Tried on main: this measures.\n# coverage:\n');
});

test.each([
  [{ 'pyproject.toml': '[project]\n', 'uv.lock': '', 'tests/t.py': '' }, 'uv run --with pytest-cov python', null],
  [{ 'pyproject.toml': '[project]\npytest-cov\n', 'uv.lock': '' }, 'uv run python', null],
  [{ 'pyproject.toml': '[tool.poetry]\npytest = "*"\n' }, 'poetry run', 'poetry add --group dev pytest-cov'],
  [NODE, '', '@vitest/coverage-v8, which vitest needs'],
])('what coverage needs besides the tests is brought, or named: %j', (files, command, unsure) => {
  const found = detected(files as Files);
  if (found.kind !== 'detected') throw new Error(found.kind);
  const { coverage = { command: '' } } = found.stack;
  expect('command' in coverage ? coverage.command : '').toContain(command);
  expect(found.stack.unsure.filter((one) => /pytest-cov|vitest/.test(one))).toEqual(
    unsure === null ? [] : [expect.stringContaining(unsure)],
  );
});

test.each([
  [{ ...NODE, 'package-lock.json': '{}' }, { preset: 'vitest' }],
  [{ 'package.json': JSON.stringify({ scripts: { test: 'node --test' } }) }, { preset: 'node:test' }],
  [{ 'package.json': manifest({ scripts: { test: 'x', coverage: 'y' } }) }, { command: 'npm run coverage' }],
  [{ 'go.mod': '' }, { preset: 'go test' }],
  [{ 'Cargo.toml': '' }, { preset: 'cargo llvm-cov' }],
  [{ 'pom.xml': '' }, { preset: 'jacoco' }],
  [{ 'pytest.ini': '' }, { preset: 'pytest-cov' }],
  [{ 'mix.exs': '' }, { command: 'make coverage' }],
])('the coverage that %j is offered can be switched on as it stands', (files, coverage) => {
  const found = detected(files as Files);
  if (found.kind !== 'detected') throw new Error(found.kind);
  const [before, block = ''] = policyText(found.stack, { tests: 1 }).split('\n# coverage:\n');
  const [offered = '', ...rest] = block.split('\n\n');
  const text = [`${before}\ncoverage:\n${offered.replaceAll('#   ', '  ')}`, ...rest].join('\n\n');
  expect(parsePolicyFile(text, 'x', 'repository')).toMatchObject({ kind: 'policy', policy: { coverage } });
});
