/**
 * Coverage commands that work as they stand, by the name of the tool. Each writes one report with lines and leaves the project's own
 * settings of the tool alone but for where the report goes.
 */

export interface CoveragePreset {
  readonly command: string;
  /** Path or pattern, as `coverage.report`. */
  readonly report: string;
  /** Variables that it needs to find its own toolchain. */
  readonly env: readonly string[];
}

const LCOV = 'coverage/lcov.info';

/**
 * The first interpreter that has what is needed, by its absolute path: the operator's, or else the repository's own environment, or
 * else the first on PATH. Said in shell words, because the setup may bring it.
 */
function pythonWith(modules: string, operators: string): string {
  const candidates = operators === '' ? '.venv/bin/python venv/bin/python python3 python' : quoted(operators);
  const missing = `echo 'no Python here has ${modules}' >&2; exit 127`;
  return [
    `for name in ${candidates}; do python=$(command -v "$name") || continue`,
    'case $python in /*) ;; *) python=$PWD/$python ;; esac',
    `"$python" -c 'import ${modules}' 2>/dev/null && break; python=; done`,
    `[ -n "$python" ] || { ${missing}; }`,
  ].join('; ');
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const JACOCO = 'org.jacoco:jacoco-maven-plugin:0.8.12';

type PresetOf = (python: string) => CoveragePreset;

const PRESETS = {
  'pytest-cov': (python) => ({
    command: `${pythonWith('pytest, pytest_cov', python)}; "$python" -m pytest --cov --cov-report=xml:coverage.xml`,
    report: 'coverage.xml',
    env: [],
  }),
  'coverage.py': (python) => ({
    command: `${pythonWith('coverage', python)}; if "$python" -c 'import pytest' 2>/dev/null; then run=pytest; else run=unittest; fi; "$python" -m coverage run --source=. -m $run && "$python" -m coverage json -o coverage.json`,
    report: 'coverage.json',
    env: [],
  }),
  jest: () => ({
    command: 'npx --no-install jest --coverage --coverageReporters=lcovonly --coverageDirectory=coverage',
    report: LCOV,
    env: [],
  }),
  vitest: () => ({
    command:
      'npx --no-install vitest run --coverage.enabled --coverage.reporter=lcovonly --coverage.reportsDirectory=coverage',
    report: LCOV,
    env: [],
  }),
  c8: () => ({
    command: 'npx --no-install c8 --reporter=lcovonly --reports-dir=coverage npm test',
    report: LCOV,
    env: [],
  }),
  nyc: () => ({
    command: 'npx --no-install nyc --reporter=lcovonly --report-dir=coverage npm test',
    report: LCOV,
    env: [],
  }),
  'node:test': () => ({
    command:
      'mkdir -p coverage && node --test --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=coverage/lcov.info',
    report: LCOV,
    env: [],
  }),
  'go test': () => ({
    command: 'go test -coverprofile=coverage.out ./...',
    report: 'coverage.out',
    env: ['GOPROXY', 'GOFLAGS', 'GOMODCACHE'],
  }),
  'cargo llvm-cov': () => ({
    command: 'cargo llvm-cov --workspace --json --output-path coverage.json',
    report: 'coverage.json',
    env: ['CARGO_HOME', 'RUSTUP_HOME', 'LLVM_COV', 'LLVM_PROFDATA'],
  }),
  jacoco: () => ({
    command: `mvn -B -ntp ${JACOCO}:prepare-agent test ${JACOCO}:report`,
    report: '**/target/site/jacoco/jacoco.xml',
    env: ['JAVA_HOME', 'MAVEN_OPTS'],
  }),
} satisfies Readonly<Record<string, PresetOf>>;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

/** `python` is the operator's interpreter; empty: it is looked for. */
export const coveragePreset = (name: PresetName, python: string): CoveragePreset => PRESETS[name](python);
