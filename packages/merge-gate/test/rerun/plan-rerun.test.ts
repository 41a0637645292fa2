/** Which command reruns which tests; the runners that are here run it, the other rows were tried by hand on the versions named in plan-rerun.ts. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countTests } from '../../src/count-tests.ts';
import { planRerun } from '../../src/rerun/plan-rerun.ts';

const noScripts = async (): Promise<null> => null;

function plan(
  command: string,
  names: readonly string[],
  more: { runner?: string; scripts?: Record<string, string> } = {},
) {
  const { runner, scripts = {} } = more;
  const scriptText = async ({ dir, script }: { dir: string; script: string }) =>
    dir === '' ? (scripts[script] ?? null) : null;
  return planRerun({ policy: { command }, names, runner, scriptText });
}

describe('a rerun of a few tests', () => {
  test.each([
    ['pytest -q', 'tests/test_a.py::TestC::test_f[1-x y]', { PYTEST_ADDOPTS: "-k 'test_f'" }],
    ['go test ./...', 'TestB/in_one', { GOFLAGS: "-v '-run=^(TestB)$'" }],
    ['node --test test/', 'suite > one (x)', { NODE_OPTIONS: '--test-name-pattern=^(suite.one..x.|one..x.)$' }],
    ['node --test a.mjs', 'one', { NODE_OPTIONS: '--test-name-pattern=^(one)$' }],
  ])('%s is told by a variable', async (command, name, setEnv) => {
    expect(await plan(command, [name])).toEqual({ command, setEnv });
  });

  test.each([
    ['npx jest --ci', ['src/a.test.ts > s › a', 'b'], "npx jest --ci --coverage=false -t '^(s.+a|b)$'"],
    ['vitest run', ['src/a.test.ts > s > a'], "vitest run -t '^(s.a)$'"],
    ['CI=1 mocha t.js', ["it's $(touch x)"], "CI=1 mocha t.js -g '^(it.s...touch.x.)$'"],
    ['cargo test', ['m::t1', 't2'], 'cargo test -- --exact m::t1 t2'],
    ['cargo test -- --nocapture', ['m::t1'], 'cargo test -- --nocapture --exact m::t1'],
    ['cargo nextest run', ['m::t1', 't2'], "cargo nextest run -E 'test(=m::t1) | test(=t2)'"],
    ['python3 -m unittest -v', ['test_a (m.T.test_a)'], "python3 -m unittest -v -k 'test_a'"],
    ['node --test', ['suite > one (x)', 'b'], "node --test --test-name-pattern='^(suite.one..x.|one..x.|b)$'"],
    [
      'node --import tsx --test --test-reporter spec',
      ['b'],
      "node --import tsx --test --test-reporter spec --test-name-pattern='^(b)$'",
    ],
    ['tsc && jest', ['a'], "tsc && jest --coverage=false -t '^(a)$'"],
    ['jest 2>&1', ['a'], "jest 2>&1 --coverage=false -t '^(a)$'"],
  ])('%s takes arguments at its end', async (command, names, rerun) => {
    expect(await plan(command, names)).toEqual({ command: rerun, setEnv: {} });
  });

  test('arguments reach the runner through the scripts of a manifest', async () => {
    const scripts = { test: 'npm run unit', unit: 'tsc -b && jest --ci' };
    expect(await plan('npm test', ['a'], { scripts })).toEqual({
      command: "npm test -- --coverage=false -t '^(a)$'",
      setEnv: {},
    });
    expect(await plan('pnpm test', ['a'], { scripts: { test: 'mocha' } })).toEqual({
      command: "pnpm test -g '^(a)$'",
      setEnv: {},
    });
  });

  test.each([
    ['jest | tee log', 'a'],
    ['(jest)', 'a'],
    ['jest && echo done', 'a'],
    ['jest > log', 'a'],
    ['make test', 'a'],
    ['npm test', 'a'],
    ['cargo test', 'not a path; rm -rf /'],
    ['jest', ''],
  ])('%s cannot be told, and is not guessed', async (command, name) => {
    expect(await plan(command, [name])).toBeNull();
  });

  test('what the output recognised is told through its variable, whatever starts it', async () => {
    expect(await plan('make test', ['a.py::test_a'], { runner: 'pytest' })).toEqual({
      command: 'make test',
      setEnv: { PYTEST_ADDOPTS: "-k 'test_a'" },
    });
    expect(await plan('make test', ['s > a'], { runner: 'jest' })).toBeNull();
  });

  test('a variable of the policy is kept in front', async () => {
    const policy = { command: 'pytest', setEnv: { PYTEST_ADDOPTS: '-q', OTHER: '1' } };
    const rerun = await planRerun({ policy, names: ['a.py::test_a'], scriptText: noScripts });
    expect(rerun?.setEnv).toEqual({ PYTEST_ADDOPTS: "-q -k 'test_a'", OTHER: '1' });
  });

  test('no name reaches the shell as a sign', async () => {
    const commands = fc.constantFrom('jest', 'vitest', 'mocha', 'node --test', 'go test', 'pytest', 'cargo test');
    await fc.assert(
      fc.asyncProperty(commands, fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }), async (command, names) => {
        const rerun = await plan(command, names);
        const added = `${rerun?.command.slice(command.length) ?? ''}${Object.values(rerun?.setEnv ?? {}).join(' ')}`;
        expect(added.replace(/'[^']*'/g, '')).toMatch(/^[\w .:=^|()$*+-]*$/);
        expect(added).not.toMatch(/[`"\\;&<>\n]|\$\(/);
        expect(added.includes(String.fromCharCode(0))).toBe(false);
      }),
    );
  });
});

describe('the runners that are here', () => {
  let dir = '';
  beforeAll(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-rerun-')));
    mkdirSync(join(dir, 'node'));
    writeFileSync(
      join(dir, 'node/a.test.mjs'),
      `import { describe, test } from 'node:test';
       test('fine', () => {});
       describe('it\\'s a (suite)', () => {
         test('breaks $1', () => { throw new Error('no'); });
         test('breaks 2', () => { throw new Error('no'); });
       });`,
    );
    mkdirSync(join(dir, 'jest'));
    writeFileSync(join(dir, 'jest/package.json'), '{"jest":{"testEnvironment":"node"}}');
    writeFileSync(
      join(dir, 'jest/a.test.js'),
      `test('fine', () => {});
       describe("it's a (suite)", () => {
         test('breaks $1', () => { throw new Error('no'); });
         test('breaks 2', () => { throw new Error('no'); });
       });`,
    );
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js');

  test.each([
    ['node', 'node --test', ''],
    ['node', 'node --test a.test.mjs', ''],
    ['jest', 'jest', `node ${jest}`],
  ])('%s runs the test alone, by the name that its own output gives it', async (folder, command, started) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const run = (line: string, setEnv: Readonly<Record<string, string>> = {}) => {
      const ran = spawnSync('sh', ['-c', line.replace(/^jest/, started)], {
        cwd: join(dir, folder),
        env: { ...env, ...setEnv, NODE_TEST_CONTEXT: undefined },
        encoding: 'utf8',
      });
      return countTests(`${ran.stdout}\n${ran.stderr}`);
    };
    const whole = run(command);
    expect(whole).toMatchObject({
      kind: 'counted',
      ran: 3,
      failed: [expect.stringContaining('$1'), expect.anything()],
    });
    const rerun = await plan(command, whole.failed.slice(0, 1));
    expect(run(rerun?.command ?? 'false', rerun?.setEnv)).toMatchObject({
      kind: 'counted',
      ran: 1,
      failed: whole.failed.slice(0, 1),
    });
  });
});
