/** Reports that the real tools wrote, without stack traces, properties and machine paths; see the README for their versions. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { TestReport } from '../src/request.ts';
import { countReport } from '../src/test-report.ts';

const textOf = (name: string): string => readFileSync(new URL(`./recorded-reports/${name}`, import.meta.url), 'utf8');

const MOCHA = ['top bad', 'suite bad', 'suite inner deep bad', 'hooks "before all" hook for "never"'];
const PYTEST = ['test_bad', 'test_fixture', 'test_sub'];

type Row = readonly [string, TestReport['format'], readonly [number, number], readonly string[]];

/** File, format, tests listed and run, names of what failed. */
const rows: readonly Row[] = [
  ['node.xml', 'junit', [3, 2], ['bad']],
  ['vitest.xml', 'junit', [7, 5], ['v/a.test.ts > suite > bad', 'v/b.test.ts']],
  [
    'mocha.xml',
    'junit',
    [6, 5],
    ['top bad', 'suite > bad', 'suite inner > deep bad', 'hooks > "before all" hook for "never"'].map(
      (name) => `Mocha Tests > ${name}`,
    ),
  ],
  ['playwright.xml', 'junit', [5, 4], ['a.spec.js > suite › bad']],
  ['pytest.xml', 'junit', [6, 4], PYTEST.map((name) => `pytest > test_a > ${name}`)],
  ['surefire.xml', 'junit', [4, 3], ['x.ATest > broken', 'x.ATest > bad']],
  ['gradle.xml', 'junit', [4, 3], ['x.ATest > broken', 'x.ATest > bad']],
  ['junit-console.xml', 'junit', [4, 3], ['JUnit Jupiter > x.ATest > bad()', 'JUnit Jupiter > x.ATest > broken()']],
  [
    'phpunit.xml',
    'junit',
    [7, 5],
    ['ATest > testBad', 'ATest > testError', 'ATest > ATest::testRow > ATest > testRow with data set "two"'],
  ],
  ['bats.xml', 'junit', [3, 2], ['a.bats > bad']],
  ['ctest.xml', 'junit', [4, 2], ['(empty) > bad']],
  ['vitest-json.json', 'jest-json', [6, 4], ['v/a.test.ts > suite > bad', 'v/b.test.ts']],
  ['mocha-ctrf.json', 'ctrf', [6, 5], MOCHA],
  ['playwright-ctrf.json', 'ctrf', [5, 4], ['a.spec.js > suite > bad']],
  ['pytest-ctrf.json', 'ctrf', [6, 4], PYTEST.map((name) => `test_a.py > test_a.py::${name}`)],
];

describe('a report is read as its tool meant it', () => {
  test.each(rows)('%s (%s)', (name, format, [total, ran], failed) => {
    const reading = countReport(format, [textOf(name)], '/build/js');
    expect(reading).toMatchObject({ kind: 'read', total, ran, failing: failed.length });
    expect(reading.kind === 'read' && reading.failures.map((failure) => failure.name)).toEqual(failed);
  });

  test('several reports add up', () => {
    const reading = countReport('junit', [textOf('surefire.xml'), textOf('gradle.xml')], '/');
    expect(reading).toMatchObject({ kind: 'read', total: 8, ran: 6, failing: 4 });
  });
});
