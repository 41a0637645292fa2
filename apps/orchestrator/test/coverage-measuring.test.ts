/** How a repository says what measures its coverage: a preset, a command with reports, or a list of both. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { coveragePreset, PRESET_NAMES } from '../src/policy/coverage-presets.ts';
import { type PolicyFile, parsePolicyFile } from '../src/policy/policy-file.ts';
import { resolvePolicy } from '../src/policy/resolve-policy.ts';
import { parseSettings } from '../src/settings.ts';

function parsed(coverage: string): PolicyFile {
  const answer = parsePolicyFile(`version: 1\ncoverage: ${coverage}\n`, 'gatehouse.yaml');
  if (answer.kind !== 'policy') throw new Error(answer.problems.join());
  return answer.policy;
}
const problems = (coverage: string): string => {
  const answer = parsePolicyFile(`version: 1\ncoverage: ${coverage}\n`, 'gatehouse.yaml');
  return answer.kind === 'invalid' ? answer.problems.join('\n') : '';
};
function coverageOf(base: string, operator?: string, environment = {}) {
  const read = parseSettings(environment);
  if (read.kind !== 'settings') throw new Error(read.problems.join());
  const sources = { base: parsed(base), operator: operator === undefined ? null : parsed(operator), detected: null };
  return resolvePolicy(sources, read.settings).coverage;
}

describe('what is run', () => {
  test.each(PRESET_NAMES)('the preset %s is a whole measurement', (preset) => {
    const { command, report, env } = coveragePreset(preset, '');
    expect(coverageOf(`{ preset: ${JSON.stringify(preset)} }`)).toMatchObject({ command, report, env });
  });

  test('what is said beside a preset wins over it', () => {
    expect(coverageOf('{ preset: jest, report: [a.info, b.info] }')).toMatchObject({
      command: coveragePreset('jest', '').command,
      report: ['a.info', 'b.info'],
    });
  });

  test('reports of their own are one measurement, the first and its parts', () => {
    const list = '[{ label: unit, preset: vitest }, { label: api, command: make api, report: "api/*.xml" }]';
    expect(coverageOf(`{ reports: ${list} }`)).toMatchObject({
      label: 'unit',
      command: coveragePreset('vitest', '').command,
      report: 'coverage/lcov.info',
      parts: [{ label: 'api', command: 'make api', report: 'api/*.xml' }],
    });
  });

  test("an operator's measurement is taken as a whole, and a base without one has none", () => {
    expect(coverageOf('{ reports: [{ label: a, preset: jest }] }', '{ command: x }')).toMatchObject({
      command: 'x',
      report: 'coverage/lcov.info',
    });
    expect(coverageOf('{ command: x }', '{ command: x }')).not.toHaveProperty('parts');
    expect(coverageOf('{ report: x.info }')).toBeNull();
  });

  test.each([
    ['{ preset: jset }', /preset/],
    ['{ command: x, reports: [{ label: a, preset: jest }] }', /in place of/],
    ['{ reports: [{ label: a }] }', /needs a command or a preset/],
    ['{ reports: [{ label: a, preset: jest, reprot: x }] }', /did you mean report/],
    ['{ reports: [] }', /reports/],
    ['{ command: x, report: [] }', /report/],
  ])('%s is refused', (coverage, says) => {
    expect(problems(coverage)).toMatch(says);
  });
});

describe('the interpreter of the Python presets', () => {
  let root = '';
  beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-python-')));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** An interpreter that has what is asked of it or not, and says who it is. */
  function interpreter(path: string, fits: boolean): string {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\nif [ "$1" = -c ]; then exit ${fits ? 0 : 1}; fi\necho "$0 $*"\n`);
    chmodSync(file, 0o755);
    return file;
  }
  function run(python: string, path: string) {
    const { command } = coveragePreset('pytest-cov', python);
    return spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8', env: { PATH: `${join(root, path)}:/bin` } });
  }
  const args = '-m pytest --cov --cov-report=xml:coverage.xml\n';

  test("is the first that fits, by its absolute path: the repository's own environment, then python3, then python", () => {
    interpreter('path/python3', false);
    const last = interpreter('path/python', true);
    expect(run('', 'path').stdout).toBe(`${last} ${args}`);
    const own = interpreter('.venv/bin/python', true);
    expect(run('', 'path').stdout).toBe(`${own} ${args}`);
  });

  test("is the operator's and no other, whatever its name", () => {
    const file = interpreter("its o'wn/py", true);
    expect(run(file, 'path').stdout).toBe(`${file} ${args}`);
    expect(run(interpreter('bare/py', false), 'path')).toMatchObject({ status: 127, stdout: '' });
  });

  test('is said to be missing where none fits', () => {
    rmSync(join(root, '.venv'), { recursive: true });
    interpreter('empty/python3', false);
    interpreter('empty/python', false);
    expect(run('', 'empty')).toMatchObject({ status: 127, stderr: 'no Python here has pytest, pytest_cov\n' });
  });

  test('ORCH_PYTHON names it', () => {
    expect(coverageOf('{ preset: coverage.py }', undefined, { ORCH_PYTHON: '/opt/py' })?.command).toContain(
      "'/opt/py'",
    );
  });
});
