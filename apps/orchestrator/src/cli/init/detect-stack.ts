/**
 * What the files at the root of a repository say about how it is installed and tested. One row per stack; the first that applies is
 * taken, and the others are named. Pure: reads names and the texts it is given.
 */
import { z } from 'zod';
import { parseJson } from '../../platform/json.ts';
import type { PresetName } from '../../policy/coverage-presets.ts';

export interface Stack {
  /** As people call it: `npm`, `pytest with uv`. */
  readonly name: string;
  readonly because: string;
  readonly setup: string | null;
  readonly command: string;
  /** Shown as comments, to be switched on by a person. */
  readonly ci?: string;
  readonly coverage?: { readonly command: string; readonly report: string } | { readonly preset: PresetName };
  readonly env?: readonly string[];
  /** What could not be known, each with what to look at. */
  readonly unsure: readonly string[];
}

/** Names at the root, directories with a slash behind; the text of those that are asked for. */
export interface RootFiles {
  readonly names: ReadonlySet<string>;
  readonly text: (name: string) => string | null;
}

/** Files whose text is looked at. */
export const READ_FILES: readonly string[] = ['package.json', 'pyproject.toml', 'Makefile'];

export type DetectedStack =
  | { readonly kind: 'detected'; readonly stack: Stack }
  /** Nothing applies; `seen` says what came close. */
  | { readonly kind: 'unknown'; readonly seen: readonly string[] };

interface Row {
  readonly stack: (root: RootFiles) => Stack | string | null;
}

/** A row answers its stack, or why it is not one though its files are there, or null. */
const ROWS: readonly Row[] = [
  { stack: node },
  { stack: deno },
  { stack: python },
  { stack: go },
  { stack: rust },
  { stack: maven },
  { stack: gradle },
  { stack: ruby },
  { stack: php },
  { stack: elixir },
  { stack: dotnet },
  { stack: make },
];

export function detectStack(root: RootFiles): DetectedStack {
  const answers = ROWS.flatMap(({ stack }) => stack(root) ?? []);
  const [first, ...others] = answers.filter((answer) => typeof answer !== 'string');
  const seen = answers.filter((answer) => typeof answer === 'string');
  if (first === undefined) return { kind: 'unknown', seen };
  const beside = others.map(({ name, because }) => `${because}, too (${name}): its tests are not part of test.command`);
  return { kind: 'detected', stack: { ...first, unsure: [...first.unsure, ...seen, ...beside] } };
}

const manifestSchema = z.object({
  scripts: z.record(z.string(), z.string()).catch({}).default({}),
  packageManager: z.string().optional().catch(undefined),
  dependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
});
type Manifest = z.output<typeof manifestSchema>;

const VITEST_PROVIDERS = ['@vitest/coverage-v8', '@vitest/coverage-istanbul'] as const;

interface Manager {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun';
  readonly setup: string | null;
  readonly because: string;
}

function node({ names, text }: RootFiles): Stack | string | null {
  const manifest = text('package.json');
  if (manifest === null) return null;
  const read = manifestSchema.safeParse(parseJson(manifest));
  if (!read.success) return 'package.json is no object: it says nothing about the tests';
  const { scripts } = read.data;
  const test = scripts['test'];
  if (test === undefined || test.includes('no test specified'))
    return 'package.json has no test script: add one, or set test.command';
  const manager = managerOf(names, read.data);
  const run = manager.name === 'npm' ? 'npm run' : `${manager.name} run`;
  const coverage = ['coverage', 'test:coverage', 'cover'].find((name) => scripts[name] !== undefined);
  const lint = ['lint', 'check', 'typecheck'].find((name) => scripts[name] !== undefined);
  const build = scripts['build'] !== undefined && /\b(?:dist|build|lib)\b/.test(test);
  return {
    name: manager.name,
    because: manager.because,
    setup: build && manager.setup !== null ? `${manager.setup} && ${run} build` : manager.setup,
    command: manager.name === 'bun' ? 'bun run test' : `${manager.name} test`,
    ...(lint === undefined ? {} : { ci: `${run} ${lint}` }),
    ...(coverage === undefined
      ? presetOf(read.data, test)
      : { coverage: { command: `${run} ${coverage}`, report: 'coverage/lcov.info' } }),
    unsure: [
      ...(manager.name === 'npm' ? [] : [`${manager.name} has to be on PATH where the gate runs`]),
      ...(coverage === undefined &&
      dependsOn(read.data, 'vitest') &&
      !VITEST_PROVIDERS.some((name) => dependsOn(read.data, name))
        ? [`${VITEST_PROVIDERS[0]}, which vitest needs to measure coverage, is not in package.json`]
        : []),
      ...(/\bwatch\b/.test(test) ? ['the test script may watch files and never end'] : []),
    ],
  };
}

const dependsOn = ({ dependencies, devDependencies }: Manifest, name: string): boolean =>
  name in devDependencies || name in dependencies;

/** Where the manifest has no script for it: the tool it depends on, or that of the runner. */
function presetOf(manifest: Manifest, test: string): Pick<Stack, 'coverage'> {
  const has = (name: string): boolean => dependsOn(manifest, name);
  const tool = (['vitest', 'jest', 'nyc', 'c8'] as const).find(has);
  const preset = tool ?? (/\bnode\b.*--test\b/.test(test) ? 'node:test' : undefined);
  return preset === undefined ? {} : { coverage: { preset } };
}

const INSTALL = {
  npm: 'npm ci --no-audit --no-fund',
  pnpm: 'pnpm install --frozen-lockfile',
  yarn: 'yarn install --immutable',
  bun: 'bun install --frozen-lockfile',
} as const;

const LOCKS: readonly (readonly [file: string, manager: Manager['name']])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

function managerOf(
  names: ReadonlySet<string>,
  { packageManager = '', dependencies, devDependencies }: Manifest,
): Manager {
  const named = /^(npm|pnpm|yarn|bun)@/.exec(packageManager)?.[1] as Manager['name'] | undefined;
  const locks = LOCKS.filter(([file]) => names.has(file));
  const lock = locks.find(([, manager]) => manager === named) ?? (named === undefined ? locks[0] : undefined);
  const name = named ?? lock?.[1] ?? 'npm';
  if (lock === undefined) {
    const needsSome = Object.keys(dependencies).length + Object.keys(devDependencies).length > 0;
    const setup = name === 'npm' ? 'npm install --no-audit --no-fund --no-package-lock' : `${name} install`;
    return {
      name,
      setup: needsSome ? setup : null,
      because: 'package.json has a test script and there is no lockfile',
    };
  }
  const classic = name === 'yarn' && !names.has('.yarnrc.yml');
  return {
    name,
    setup: classic ? 'yarn install --frozen-lockfile' : INSTALL[name],
    because: `package.json has a test script, and there is a ${lock[0]}`,
  };
}

function deno({ names }: RootFiles): Stack | null {
  const file = ['deno.json', 'deno.jsonc'].find((name) => names.has(name));
  return file === undefined
    ? null
    : {
        name: 'deno',
        because: `there is a ${file}`,
        setup: null,
        command: 'deno test',
        unsure: ['which permissions the tests need (deno test -A)'],
      };
}

const PYTHON_FILES = [
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'requirements.txt',
  'tox.ini',
  'pytest.ini',
  'Pipfile',
];

const coverageBy = (runner: string): { readonly command: string; readonly report: string } => ({
  command: `${runner} python -m pytest --cov --cov-report=xml`,
  report: 'coverage.xml',
});

function python({ names, text }: RootFiles): Stack | null {
  const file = PYTHON_FILES.find((name) => names.has(name));
  if (file === undefined) return null;
  const project = text('pyproject.toml') ?? '';
  const usesPytest =
    names.has('pytest.ini') || names.has('conftest.py') || /\bpytest\b/.test(project) || names.has('tests/');
  const runner = usesPytest ? 'pytest -q' : 'unittest';
  const unsure = usesPytest ? [] : ['which runner the tests need: no file names pytest'];
  const measures = /\bpytest-cov\b/.test(project);
  if (names.has('uv.lock'))
    return {
      name: 'pytest with uv',
      because: 'there is a uv.lock',
      setup: 'uv sync --locked',
      command: `uv run python -m ${runner}`,
      coverage: coverageBy(`uv run${measures ? '' : ' --with pytest-cov'}`),
      unsure: [...unsure, 'uv has to be on PATH where the gate runs'],
    };
  if (names.has('poetry.lock') || /^\[tool\.poetry\]/m.test(project))
    return {
      name: 'pytest with poetry',
      because: names.has('poetry.lock') ? 'there is a poetry.lock' : 'pyproject.toml is of poetry',
      setup: 'poetry install --no-interaction',
      command: `poetry run python -m ${runner}`,
      coverage: coverageBy('poetry run'),
      unsure: [
        ...unsure,
        'poetry has to be on PATH where the gate runs',
        ...(measures
          ? []
          : ['pytest-cov, which coverage needs, is not in pyproject.toml: poetry add --group dev pytest-cov']),
      ],
    };
  const own =
    ['setup.py', 'pyproject.toml'].some((name) => names.has(name)) &&
    (names.has('setup.py') || /^\[(?:project|build-system)\]/m.test(project));
  const wants = [
    ...(names.has('requirements.txt') ? ['-r requirements.txt'] : []),
    ...['requirements-dev.txt', 'dev-requirements.txt', 'test-requirements.txt']
      .filter((name) => names.has(name))
      .map((name) => `-r ${name}`),
    ...(own ? ['-e .'] : []),
    ...(usesPytest ? ['pytest', 'pytest-cov'] : ['coverage']),
  ];
  return {
    name: usesPytest ? 'pytest' : 'unittest',
    because: `there is a ${file}`,
    setup: `python3 -m venv .venv && .venv/bin/pip install -q ${wants.join(' ')}`,
    command: `.venv/bin/python -m ${runner}`,
    coverage: { preset: usesPytest ? 'pytest-cov' : 'coverage.py' },
    unsure: [...unsure, ...(own ? ['which extras the tests need (`pip install -e .[test]`)'] : [])],
  };
}

function go({ names }: RootFiles): Stack | null {
  if (!names.has('go.mod')) return null;
  return {
    name: 'go',
    because: 'there is a go.mod',
    setup: null,
    command: 'go test ./...',
    ci: 'go vet ./...',
    coverage: { preset: 'go test' },
    unsure: [],
  };
}

function rust({ names }: RootFiles): Stack | null {
  if (!names.has('Cargo.toml')) return null;
  const command = names.has('Cargo.lock') ? 'cargo test --locked' : 'cargo test';
  const env = ['CARGO_HOME', 'RUSTUP_HOME'];
  const unsure = [
    'where rustup keeps its toolchain: HOME is new for each run, so CARGO_HOME and RUSTUP_HOME have to be set where the gate runs',
  ];
  return {
    name: 'cargo',
    because: 'there is a Cargo.toml',
    setup: null,
    command,
    ci: 'cargo clippy -- -D warnings',
    coverage: { preset: 'cargo llvm-cov' },
    env,
    unsure,
  };
}

function maven({ names }: RootFiles): Stack | null {
  if (!names.has('pom.xml')) return null;
  const mvn = names.has('mvnw') ? './mvnw' : 'mvn';
  return {
    name: 'maven',
    because: 'there is a pom.xml',
    setup: null,
    command: `${mvn} -B -ntp test`,
    coverage: { preset: 'jacoco' },
    env: ['JAVA_HOME'],
    unsure: [],
  };
}

function gradle({ names }: RootFiles): Stack | null {
  const file = ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'].find((name) =>
    names.has(name),
  );
  if (file === undefined) return null;
  const command = `${names.has('gradlew') ? './gradlew' : 'gradle'} --no-daemon test`;
  return { name: 'gradle', because: `there is a ${file}`, setup: null, command, env: ['JAVA_HOME'], unsure: [] };
}

function ruby({ names }: RootFiles): Stack | null {
  if (!names.has('Gemfile')) return null;
  const command = names.has('spec/') ? 'bundle exec rspec' : 'bundle exec rake test';
  const setup = 'bundle config set --local path vendor/bundle && bundle install --quiet';
  return { name: 'bundler', because: 'there is a Gemfile', setup, command, unsure: [] };
}

function php({ names }: RootFiles): Stack | null {
  if (!names.has('composer.json')) return null;
  const setup = 'composer install --no-interaction --quiet';
  return { name: 'composer', because: 'there is a composer.json', setup, command: 'vendor/bin/phpunit', unsure: [] };
}

function elixir({ names }: RootFiles): Stack | null {
  if (!names.has('mix.exs')) return null;
  const setup = 'mix local.hex --force && mix deps.get';
  return { name: 'mix', because: 'there is a mix.exs', setup, command: 'mix test', unsure: [] };
}

function dotnet({ names }: RootFiles): Stack | null {
  const file = [...names].find((name) => /\.(?:sln|slnx|csproj|fsproj)$/.test(name));
  return file === undefined
    ? null
    : {
        name: 'dotnet',
        because: `there is a ${file}`,
        setup: 'dotnet restore',
        command: 'dotnet test --no-restore',
        unsure: [],
      };
}

function make({ names, text }: RootFiles): Stack | string | null {
  if (!names.has('Makefile')) return null;
  const target = ['test', 'check'].find((name) => new RegExp(`^${name}:(?!=)`, 'm').test(text('Makefile') ?? ''));
  if (target === undefined) return 'the Makefile has no target test';
  const unsure = ['whether `make` installs what the tests need, or test.setup has to'];
  return {
    name: 'make',
    because: `the Makefile has a target ${target}`,
    setup: null,
    command: `make ${target}`,
    unsure,
  };
}
