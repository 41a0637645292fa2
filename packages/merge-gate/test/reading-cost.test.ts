/** Outputs that are made to be slow to read. Anything worse than linear does not end within a test's time limit. */
import { countTests } from '@gatehouse/merge-gate';
import { describe, expect, test } from '@jest/globals';
import { failureDetails } from '../src/failure-details.ts';
import { NestedFailures } from '../src/output-parsers/nested-failures.ts';
import { readJunit } from '../src/reports/junit.ts';

const MIB = 1_048_576;
const mebibyte = (unit: string): string => unit.repeat(Math.ceil(MIB / unit.length));

describe('a mebibyte of anything is read in one pass', () => {
  const shapes: readonly (readonly [string, string])[] = [
    ['indented TAP failures without a parent', '    not ok a\n'],
    ['TAP that goes in and out', '    not ok a\n  not ok b\n      ok c\n'],
    ['TAP one deeper each time', Array.from({ length: 900 }, (_, depth) => `${' '.repeat(depth)}not ok x\n`).join('')],
    [
      'TAP one less deep each time',
      Array.from({ length: 900 }, (_, depth) => `${' '.repeat(900 - depth)}not ok x\n`).join(''),
    ],
    ['TAP in braces that never close', `not ok ${'x'.repeat(500)} {\n${'not ok y\n'.repeat(500)}`],
    ['node:test failures without a parent', '    ✖ a (1ms)\n'],
    ['go failures, each inside of the last', `--- FAIL: ${'A/'.repeat(400)} (0.0s)\n`],
    ['go JSON', `{"Action":"fail","Package":"p","Test":"${'A/'.repeat(300)}b"}\n`],
    ['titles of a Mocha recap that never end', '  0 passing (1ms)\n  9 failing\n  1) a\n     b\n'],
    ['blank lines', '\n'],
    ['one line without an end', 'not ok '],
    ['colours', '\u001b[1;31;'],
    ['spaces', ' '],
    ['numbers and words', '1 failed, '],
    ['digits', '1'],
    ['pytest’s rules', '_'],
    ['Karma’s browsers', 'a (b) '],
    ['carriage returns', '\r'],
  ];
  test.each(shapes)('%s', (_what, unit) => {
    const text = mebibyte(unit);
    expect(['counted', 'unknown']).toContain(countTests(`1..1\n${text}\n${text.slice(0, 1000)}`).kind);
    expect(failureDetails(text, ['not ok a', 'x'.repeat(400)]).length).toBeLessThan(3);
  });

  test('names and memory are bounded, and the count is not', () => {
    const count = countTests(
      `${Array.from({ length: 20_000 }, (_, n) => `    not ok ${n} - t${n}`).join('\n')}\nnot ok 1 - z\n1..1\n`,
    );
    expect(count).toMatchObject({ kind: 'counted', runner: 'tap', failures: 20_000 });
    expect(count.failed).toHaveLength(500);
    expect(count.failed[499]).toBe('z > t499');
  });

  test('markup that never ends is refused in one pass', () => {
    for (const unit of ['<', '<a ', '<a b="', '<a b=', '&#', '<![CDATA[', '<!--', ' '])
      expect(readJunit(`<testsuite>${mebibyte(unit)}`).kind).toBe('unreadable');
  });
});

describe('the innermost failures of a nested listing', () => {
  const namesOf = (...lines: readonly (readonly [number, string, boolean])[]): readonly string[] => {
    const failures = new NestedFailures();
    for (const [depth, name, failed] of lines) failures.add({ depth, name, failed });
    return failures.names();
  };

  test('are named with their parents, whatever the parents say of themselves', () => {
    const listing = [
      [4, 'a', true],
      [4, 'b', false],
      [2, 'inner', true],
      [2, 'c', true],
      [0, 'outer', false],
      [0, 'alone', true],
      [0, 'fine', false],
    ] as const;
    expect(namesOf(...listing)).toEqual(['outer > inner > a', 'outer > c', 'alone']);
  });

  test('are named without a parent where the listing breaks off', () => {
    expect(namesOf([4, 'a', true], [4, 'b', true], [2, 'inner', true])).toEqual(['inner > a', 'inner > b']);
  });
});
