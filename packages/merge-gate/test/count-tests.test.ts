import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTests, type TestCount } from '@gatehouse/merge-gate';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OutputReader } from '../src/count-tests.ts';
import { RUNNERS } from '../src/output-parsers/runners.ts';

/** Real output of real runners, with only stack traces taken out. */
const outputOf = (name: string): string =>
  readFileSync(new URL(`./runner-output/${name}.txt`, import.meta.url), 'utf8');

/** `failures` where some of them have no name. */
const counted = (
  runner: string,
  total: number,
  ran: number,
  failed: readonly string[],
  failures?: number,
): TestCount => ({ kind: 'counted', runner, total, ran, failed, ...(failures === undefined ? {} : { failures }) });

/** Of tools that cannot be installed here. */
const DOCUMENTED: { readonly [name: string]: string } = {
  'dotnet-assemblies': `  Failed Ns.ATest.Bad [3 ms]
  Error Message:
   Assert.Equal() Failure
Failed!  - Failed:     1, Passed:     1, Skipped:     1, Total:     3, Duration: 12 ms - a.dll (net8.0)
Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total:     3, Duration: 5 ms - b.dll (net8.0)
`,
  'dotnet-terminal': 'Test summary: total: 3, failed: 1, succeeded: 1, skipped: 1, duration: 1.2s\n',
  nextest: `        PASS [   0.003s] rs tests::good
  TRY 1 FAIL [   0.002s] rs tests::flaky
  TRY 2 PASS [   0.002s] rs tests::flaky
        FAIL [   0.003s] rs tests::bad
------------
     Summary [   0.010s] 3 tests run: 2 passed (1 flaky), 1 failed, 1 skipped
        FAIL [   0.003s] rs tests::bad
error: test run failed
`,
  cypress: `  suite
    ✓ good (20ms)
    1) bad


  1 passing (1s)
  1 pending
  1 failing

  1) suite
       bad:
     AssertionError: Timed out retrying

  │ Tests:        3 │
    ✖  1 of 1 failed (100%)                     00:01        3        1        1        1        -
`,
};

const NODE_FAILURES = ['suite > bad one', 'suite > inner > deep bad', 'top bad'];
const PYTEST_FAILURES = ['test_a.py::test_bad', 'test_a.py::test_p[a b]', 'test_a.py::TestX::test_in'];
const SUBTEST_FAILURES = ['test_a.py::test_bad', 'test_a.py::test_sub', 'test_a.py::test_fixture'];
const HOOK = 'hooks > "before all" hook for "never"';
const MOCHA_FAILURES = ['top bad', 'suite > bad', 'suite > inner > deep bad', HOOK];
const GO_FAILURES = [
  'TestBad/sub_one',
  'TestBad/deep/er',
  'example.org/a/br (build)',
  'example.org/a/ex (package)',
  'TestPanics',
];
const UNITTEST_FAILURES = ['test_bad (test_a.T.test_bad)', 'test_sub (test_a.T.test_sub) (i=1)'];
const UNCOUNTED = 'no test summary was recognised in the output';

const rows: readonly (readonly [string, TestCount])[] = [
  ['node-tap', counted('tap', 7, 5, NODE_FAILURES)],
  ['node-spec', counted('node:test', 7, 5, NODE_FAILURES)],
  ['node-spec-empty', counted('node:test', 0, 0, [])],
  [
    'jest',
    counted('jest', 5, 3, ['./a.test.js > suite › bad', './a.test.js > top', './b.test.js > Test suite failed to run']),
  ],
  ['vitest-tap', counted('tap', 2, 2, ['v/a.test.ts > suite > bad', 'v/b.test.ts'])],
  ['prove', counted('prove', 6, 6, ['bad', 't/b.t'])],
  ['prove-verbose', counted('prove', 4, 4, ['bad'])],
  ['jest-empty', counted('jest', 0, 0, [])],
  ['vitest', counted('vitest', 6, 4, ['v/b.test.ts [ v/b.test.ts ]', 'v/a.test.ts > suite > bad'])],
  ['mocha-3', counted('mocha', 6, 5, ['top bad', 'suite bad', 'suite inner deep bad', 'hooks "before all" hook'])],
  ['mocha-6', counted('mocha', 6, 5, MOCHA_FAILURES)],
  ['mocha-9', counted('mocha', 6, 5, MOCHA_FAILURES)],
  ['mocha-10', counted('mocha', 6, 5, MOCHA_FAILURES)],
  ['mocha-11', counted('mocha', 6, 5, MOCHA_FAILURES)],
  ['mocha-json-stream', counted('mocha -R json-stream', 5, 4, ['top bad', 'suite bad'])],
  // AVA does not count what passed when something failed.
  ['ava', counted('ava', 4, 1, ['a/broken.test.mjs', 'test › bad'])],
  ['uvu', counted('uvu', 5, 4, ['bad', 'things > wrong'])],
  ['jasmine', counted('jasmine', 4, 3, ['top bad', 'suite bad'])],
  ['karma', counted('karma', 3, 2, ['suite bad'])],
  ['playwright', counted('playwright', 5, 4, ['p/a.spec.js › suite › bad'])],
  ['pytest', counted('pytest', 6, 5, PYTEST_FAILURES)],
  ['pytest-quiet', counted('pytest', 6, 5, PYTEST_FAILURES)],
  ['pytest-empty', counted('pytest', 0, 0, [])],
  ['pytest-broken', counted('pytest', 0, 0, ['test_c.py'])],
  ['pytest-collect', counted('pytest', 0, 0, ['test_b.py'])],
  ['pytest-collect-bare', counted('pytest', 0, 0, ['test_b.py'])],
  ['pytest-subtests', counted('pytest', 6, 4, SUBTEST_FAILURES, 4)],
  ['tox', counted('pytest', 6, 4, SUBTEST_FAILURES, 4)],
  ['nox', counted('pytest', 6, 4, SUBTEST_FAILURES, 4)],
  ['pytest-bare', counted('pytest', 6, 4, ['test_fixture', 'test_bad', 'test_sub (i=1)', 'test_sub'])],
  [
    'pytest-uncounted',
    {
      kind: 'unknown',
      reason: UNCOUNTED,
      failed: ['test_a.py::test_bad', 'test_a.py::test_sub', 'test_a.py::test_fixture'],
    },
  ],
  ['pytest-conftest', { kind: 'unknown', reason: UNCOUNTED, failed: ['conftest.py'] }],
  ['node-dot', { kind: 'unknown', reason: UNCOUNTED, failed: ['bad'] }],
  ['unittest', counted('unittest', 3, 2, ['test_a (__main__.T.test_a)'])],
  [
    'unittest-import',
    counted('unittest', 7, 5, [
      'test_b (unittest.loader._FailedTest.test_b)',
      ...UNITTEST_FAILURES,
      'test_surprise (test_a.T.test_surprise)',
    ]),
  ],
  // nose2 counts an unexpected success and does not name it.
  ['nose2', counted('unittest', 7, 5, ['test_b (nose2.loader.ModuleImportFailure.test_b)', ...UNITTEST_FAILURES], 4)],
  ['go-test-verbose', counted('go test', 5, 4, ['TestBad/sub_one'])],
  ['go-packages-verbose', { ...counted('go test', 10, 9, GO_FAILURES), unbuilt: 1 }],
  ['go-json', { ...counted('go test -json', 10, 9, GO_FAILURES), unbuilt: 1 }],
  ['go-packages', { kind: 'unknown', reason: UNCOUNTED, failed: GO_FAILURES, unbuilt: 1 }],
  ['cargo-test', counted('cargo test', 3, 2, ['tests::bad'])],
  ['cargo-uncompiled', { kind: 'unknown', reason: UNCOUNTED, failed: ['rs (build)'], unbuilt: 1 }],
  ['surefire', counted('surefire', 4, 3, ['x.ATest.broken', 'x.ATest.bad'])],
  ['maven-uncompiled', { kind: 'unknown', reason: UNCOUNTED, failed: ['a (build)'], unbuilt: 1 }],
  ['gradle', counted('gradle', 4, 3, ['x.ATest > broken', 'x.ATest > bad'])],
  ['junit-console', counted('junit console', 4, 3, ['JUnit Jupiter:ATest:broken()', 'JUnit Jupiter:ATest:bad()'])],
  [
    'phpunit',
    counted('phpunit', 7, 5, ['ATest::testError', 'ATest::testBad', 'ATest::testRow with data set "two" (2)']),
  ],
  ['rspec', counted('rspec', 4, 2, ['suite bad'])],
  ['minitest', counted('minitest', 4, 3, ['ATest#test_bad', 'ATest#test_error'])],
  ['ctest', counted('ctest', 4, 3, ['bad', 'missing'])],
  ['bats-tap', counted('tap', 3, 2, ['bad'])],
  ['bats-pretty', counted('bats', 3, 2, ['bad'])],
];

/** Each ended with status 0: skipped, expected to fail (which Vitest 3 and Playwright count as passed), or passed when tried again. */
const green: readonly (readonly [string, TestCount])[] = [
  ['green-node-tap', counted('tap', 5, 2, [])],
  ['green-node-spec', counted('node:test', 5, 2, [])],
  ['green-jest', counted('jest', 5, 3, [])],
  ['green-vitest', counted('vitest', 4, 3, [])],
  ['green-vitest-4', counted('vitest', 3, 1, [])],
  ['green-node-expected-spec', counted('node:test', 4, 1, [])],
  ['green-node-expected-tap', counted('tap', 4, 1, [])],
  ['green-mocha', counted('mocha', 3, 2, [])],
  ['green-ava', counted('ava', 3, 1, [])],
  ['green-uvu', counted('uvu', 2, 1, [])],
  ['green-jasmine', counted('jasmine', 2, 1, [])],
  ['green-playwright', counted('playwright', 4, 3, [])],
  ['green-pytest', counted('pytest', 5, 2, [])],
  ['green-unittest', counted('unittest', 3, 1, [])],
  ['green-phpunit', counted('phpunit', 2, 1, [])],
  ['green-phpunit-ok', counted('phpunit', 1, 1, [])],
  ['green-rspec', counted('rspec', 3, 1, [])],
  ['green-minitest', counted('minitest', 2, 1, [])],
  ['green-ctest', counted('ctest', 2, 1, [])],
];

describe('tests are counted from the runner’s own words', () => {
  test.each(rows)('%s', (name, expected) => {
    expect(countTests(outputOf(name))).toEqual(expected);
  });

  test.each(green)(
    '%s: what is expected to fail, or passes in the end, is no failure, and only what decides is counted',
    (name, expected) => {
      expect(countTests(outputOf(name))).toEqual(expected);
    },
  );

  test.each(rows)('%s, in colour and with carriage returns', (name, expected) => {
    const coloured = outputOf(name)
      .split('\n')
      .map((line) => `\u001b[1m${line}\u001b[0m`)
      .join('\r\n');
    expect(countTests(coloured)).toEqual(expected);
  });

  test.each([...rows, ...green])('%s is read alike when every runner sees every line', (name, expected) => {
    const reader = new OutputReader(
      Object.fromEntries(Object.entries(RUNNERS).map(([one, { open }]) => [one, { open }])),
    );
    reader.write(outputOf(name));
    expect(reader.end()).toEqual(expected);
  });

  test.each(rows)('%s is read alike when it comes in pieces', (name, expected) => {
    const reader = new OutputReader();
    for (const piece of outputOf(name).match(/[\s\S]{1,7}/g) ?? []) reader.write(piece);
    expect(reader.end()).toEqual(expected);
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

  test.each([
    ['dotnet-assemblies', counted('dotnet test', 6, 5, ['Ns.ATest.Bad'])],
    ['dotnet-terminal', counted('dotnet test', 3, 2, [], 1)],
    ['nextest', counted('nextest', 4, 3, ['rs tests::bad'])],
    ['cypress', counted('mocha', 3, 2, ['suite > bad'])],
  ] as const)('%s, from its documented form', (name, expected) => {
    expect(countTests(DOCUMENTED[name] ?? '')).toEqual(expected);
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

describe('a report that a runner prints in place of words', () => {
  const reports: readonly (readonly [string, TestCount])[] = [
    ['mocha-json', counted('mocha -R json', 5, 4, ['top bad', 'suite bad'])],
    ['mocha-xunit', counted('junit', 5, 4, ['Mocha Tests > top bad', 'Mocha Tests > suite > bad'])],
    ['green-jest-json', counted('jest --json', 3, 1, [])],
    ['green-vitest-json', counted('jest --json', 3, 2, [])],
    ['green-vitest-junit', counted('junit', 3, 2, [])],
    ['green-node-junit', counted('junit', 4, 1, [])],
  ];
  test.each(reports)('%s is counted, whatever stands around it', (name, expected) => {
    expect(countTests(`> x@1.0.0 test\n\n${outputOf(name)}\nbye {\n}\n`)).toMatchObject(expected);
  });

  test.each(reports.map(([name]) => name))('%s that is torn is said, and is no count', (name) => {
    const torn = countTests(outputOf(name).slice(0, 200));
    expect(torn).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('that was printed') });
  });

  test('a runner that says its counts in words is believed before a report that a test prints', () => {
    expect(countTests(`${outputOf('green-jest')}\n${outputOf('mocha-json')}`)).toEqual(counted('jest', 5, 3, []));
  });
});

describe('TAP that is not the whole is no count', () => {
  test.each([
    ['fewer results than planned', '1..5\nok 1 - a\nok 2 - b\n', 'tap: 5 tests were planned, 2 reported'],
    ['no plan', 'TAP version 13\nok 1 - a\n', 'tap: 1 results and no plan'],
  ])('%s', (_, output, reason) =>
    expect(countTests(output)).toEqual({ kind: 'unknown', runner: 'tap', reason, failed: [] }),
  );

  test('a plan is believed where the output was cut, or a sum is printed', () => {
    expect(countTests('1..5\nok 1 - a\n[... 9 bytes left out ...]\nok 5 - e\n')).toEqual(counted('tap', 5, 5, []));
    expect(countTests('1..5\nok 1 - a\n# tests 5\n')).toEqual(counted('tap', 5, 5, []));
  });

  test('lines of other tools that begin with ok are none of its results', () => {
    expect(countTests('ok  \texample.com/p\t0.1s\nok\n')).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('no test summary'),
    });
  });
});
