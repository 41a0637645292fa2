import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTests, type TestCount } from '@gatehouse/merge-gate';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

/** Real output of real runners, with only stack traces taken out. */
const outputOf = (name: string): string =>
  readFileSync(new URL(`./runner-output/${name}.txt`, import.meta.url), 'utf8');

const counted = (runner: string, total: number, ran: number, failed: readonly string[]): TestCount => ({
  kind: 'counted',
  runner,
  total,
  ran,
  failed,
});

const NODE_FAILURES = ['suite > bad one', 'suite > inner > deep bad', 'top bad'];
const PYTEST_FAILURES = ['test_a.py::test_bad', 'test_a.py::test_p[a b]', 'test_a.py::TestX::test_in'];

const rows: readonly (readonly [string, TestCount])[] = [
  ['node-tap', counted('tap', 7, 5, NODE_FAILURES)],
  ['node-spec', counted('node:test', 7, 5, NODE_FAILURES)],
  ['node-spec-empty', counted('node:test', 0, 0, [])],
  [
    'jest',
    counted('jest', 5, 3, ['./a.test.js > suite › bad', './a.test.js > top', './b.test.js > Test suite failed to run']),
  ],
  ['jest-empty', counted('jest', 0, 0, [])],
  ['pytest', counted('pytest', 6, 5, PYTEST_FAILURES)],
  ['pytest-quiet', counted('pytest', 6, 5, PYTEST_FAILURES)],
  ['pytest-empty', counted('pytest', 0, 0, [])],
  ['pytest-broken', counted('pytest', 0, 0, ['test_c.py'])],
  ['unittest', counted('unittest', 3, 2, ['test_a (__main__.T.test_a)'])],
  ['go-test-verbose', counted('go test', 5, 4, ['TestBad/sub_one'])],
  ['cargo-test', counted('cargo test', 3, 2, ['tests::bad'])],
];

describe('tests are counted from the runner’s own words', () => {
  test.each(rows)('%s', (name, expected) => {
    expect(countTests(outputOf(name))).toEqual(expected);
  });

  test.each(rows)('%s, in colour and with carriage returns', (name, expected) => {
    const coloured = outputOf(name)
      .split('\n')
      .map((line) => `\u001b[1m${line}\u001b[0m`)
      .join('\r\n');
    expect(countTests(coloured)).toEqual(expected);
  });

  test('go test without -v names what fails and does not pretend to know how many ran', () => {
    expect(countTests(outputOf('go-test'))).toMatchObject({ kind: 'unknown', failed: ['TestBad/sub_one'] });
    expect(countTests('ok  \texample.org/a\t0.003s\n?   \texample.org/b\t[no test files]\n')).toMatchObject({
      kind: 'unknown',
    });
  });

  test('go packages without tests are a counted zero', () => {
    expect(countTests('?   \texample.org/b\t[no test files]\n')).toEqual(counted('go test', 0, 0, []));
  });

  test('vitest and mocha summaries', () => {
    const vitest =
      ' FAIL  a.test.ts > suite > bad\n\n Test Files  1 failed (1)\n      Tests  1 failed | 2 passed | 1 skipped (4)\n';
    expect(countTests(vitest)).toEqual(counted('vitest', 4, 3, ['a.test.ts > suite > bad']));
    const mocha = '  2 passing (10ms)\n  1 pending\n  1 failing\n\n  1) suite\n       bad:\n     Error: x\n';
    expect(countTests(mocha)).toEqual(counted('mocha', 4, 3, ['suite > bad']));
  });

  test('plain TAP: skipped and todo points did not run and do not fail', () => {
    const tap = 'ok 1 - a\nnot ok 2 - b # TODO later\nok 3 # SKIP no disk\nnot ok 4 - c\n1..4\n';
    expect(countTests(tap)).toEqual(counted('tap', 4, 2, ['c']));
    expect(countTests('1..0 # SKIP nothing here\n')).toEqual(counted('tap', 0, 0, []));
  });

  test('the packages of a monorepo add up', () => {
    const both = `Tests:       2 passed, 2 total\n...\nTests:       1 skipped, 3 passed, 4 total\n${outputOf('cargo-test')}`;
    expect(countTests(both)).toEqual(counted('jest+cargo test', 9, 7, ['tests::bad']));
  });

  test('what is not a summary is unknown, never a number', () => {
    for (const text of ['', 'all good', 'Tests: many', 'ran 5 tests', '# tests', '1..many', 'ok then\nnot ok really']) {
      expect(countTests(text)).toMatchObject({ kind: 'unknown', failed: [] });
    }
  });
});

test('the runner on this machine is counted, in both of its reporters', () => {
  const dir = mkdtempSync(join(tmpdir(), 'count-'));
  const file = join(dir, 'x.test.mjs');
  writeFileSync(
    file,
    `import test from 'node:test'; test('good', () => {}); test('bad', () => { throw 1 }); test.skip('idle', () => {});`,
  );
  for (const reporter of ['tap', 'spec']) {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout } = spawnSync(process.execPath, ['--test', `--test-reporter=${reporter}`, file], {
      env,
      encoding: 'utf8',
    });
    expect(countTests(stdout)).toMatchObject({ kind: 'counted', total: 3, ran: 2, failed: ['bad'] });
  }
  rmSync(dir, { recursive: true });
});

test('any text is answered, in time that grows with its length alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => typeof countTests(text).kind === 'string'),
  );
  const words = fc.constantFrom(
    'ok',
    'not ok',
    '# tests 5',
    '1..3',
    '  ● a › b',
    'FAIL x.js',
    '--- FAIL: T (0.1s)',
    ' ',
    '\t',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 200 }), (lines) => {
      const count = countTests(lines.join('\n'));
      return count.kind !== 'counted' || (count.ran >= 0 && count.ran <= count.total);
    }),
  );
  expect(countTests(`1 passed, ${'1 failed, '.repeat(100_000)}\n`.repeat(20)).kind).toBe('unknown');
});
