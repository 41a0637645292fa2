/** Damaged reports of every format: always an answer, never more covered than measurable, never a hang. */
import { computeCoverageVerdict, type ReportFormat, readReport } from '@gatehouse/coverage-gate';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { measured, request } from '../requests.ts';
import { SAMPLES } from './samples.ts';

/** A tenth of the damages, but where CI demands every tool all of them. */
const SHARE = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? 1 : 0.1;

const place = '{"start":{"line":3,"column":0},"end":{"line":3,"column":9}}';
const REPORTS: Partial<{ readonly [Format in ReportFormat]: string }> = {
  ...Object.fromEntries(Object.entries(SAMPLES).map(([format, { text }]) => [format, text])),
  lcov: 'TN:\nSF:src/a.ts\nFN:1,f\nDA:1,1\nDA:2,0,x==\nDA:40,-1\nLF:3\nLH:1\nend_of_record\n',
  cobertura:
    '<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "x.dtd"><coverage line-rate="1"><packages><class filename="a&amp;b"><line number="1" hits="2"/><!-- x --><line hits=\'0\' number="40"/></class></packages></coverage>',
  clover:
    '<coverage clover="3"><project><file path="/w/a"><line num="1" count="1" type="stmt"/><line num="9" count="0" type="method"/></file></project></coverage>',
  jacoco:
    '<report name="x"><package name="p"><sourcefile name="A.java"><line nr="1" mi="0" ci="3"/><line nr="2" ci="0"/></sourcefile></package></report>',
  'coverage-py':
    '{"meta": {"v": "7\\u0041"}, "files": {"a.py": {"executed_lines": [1, 2], "missing_lines": [40], "functions": {"": {"x": [[]]}}}}, "totals": {}}',
  'go-coverprofile': 'mode: set\nx.org/m/a.go:3.14,5.2 2 0\nx.org/m/a.go:6.1,6.9 1 1\n',
  istanbul: `{"/w/a.ts":{"path":"/w/a.ts","statementMap":{"0":${place}},"s":{"0":1},"b":{}}}`,
};

const textOf = (format: ReportFormat): string => REPORTS[format] ?? '';
const formats = Object.keys(REPORTS) as ReportFormat[];
const bytes = fc.constantFrom(0, 10, 34, 39, 44, 45, 47, 48, 57, 58, 60, 61, 62, 91, 92, 93, 123, 125, 255);
const damage = fc.array(
  fc.record({
    at: fc.nat({ max: 900 }),
    how: fc.constantFrom('cut', 'set', 'insert', 'repeat', 'value', 'mark'),
    byte: bytes,
  }),
  { maxLength: 6 },
);

/** What may stand where a number does. */
const VALUES = ['-5', '18446744073709551616', '1e999', 'NaN', '0', '4999999', '', 'null', '{}', '['.repeat(99), '"x"'];

/** The number behind `p`, or else the last one, says something else. */
function revalued(report: Buffer<ArrayBuffer>, p: number, byte: number): Buffer<ArrayBuffer> {
  const text = report.toString('latin1');
  const numbers = [...text.matchAll(/\d+/g)];
  const number = numbers.find(({ index }) => index >= p) ?? numbers.at(-1);
  if (number === undefined) return report;
  const rest = text.slice(number.index + number[0].length);
  return Buffer.from(`${text.slice(0, number.index)}${VALUES[byte % VALUES.length]}${rest}`, 'latin1');
}

function damaged(text: string, edits: readonly { at: number; how: string; byte: number }[]): Buffer {
  let report = Buffer.from(text);
  for (const { at, how, byte } of edits) {
    const p = at % Math.max(1, report.length);
    const [before, after] = [report.subarray(0, p), report.subarray(p)];
    if (how === 'cut') report = Buffer.from(before);
    else if (how === 'set') report = Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    else if (how === 'insert') report = Buffer.concat([before, Buffer.of(byte), after]);
    else if (how === 'value') report = revalued(report, p, byte);
    else if (how === 'mark') report = Buffer.concat([Buffer.from('\ufeff'), report]);
    else report = Buffer.concat([before, after.subarray(0, 40), after]);
  }
  return report;
}

test.each(formats)('a damaged %s report is answered', async (format) => {
  const intact = await readReport({ bytes: Buffer.from(textOf(format)), name: format });
  expect(intact).toMatchObject({ kind: 'read', format, truncated: false, rejected: 0 });
  await fc.assert(
    fc.asyncProperty(damage, fc.boolean(), async (edits, named) => {
      const report = await readReport({ bytes: damaged(textOf(format), edits), name: format }, named ? { format } : {});
      expect(['read', 'unreadable']).toContain(report.kind);
      if (report.kind !== 'read') return;
      expect(report.covered).toBeLessThanOrEqual(report.total);
      expect(report.covered).toBeGreaterThanOrEqual(0);
      const verdict = computeCoverageVerdict(request(measured(report.covered, report.total), null, { minPpm: 0 }));
      expect(verdict.kind).toBe(report.total === 0 ? 'unknown' : 'passed');
    }),
    { numRuns: 1000 * SHARE },
  );
});

test.each(formats)('random bytes read as %s are answered', async (format) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (noise) => {
      const report = await readReport({ bytes: noise, name: format }, { format });
      expect(['read', 'unreadable']).toContain(report.kind);
    }),
    { numRuns: 300 * SHARE },
  );
});

test.each(['cobertura', 'clover', 'jacoco', 'opencover', 'sonar-generic'] as const)(
  'no %s report that lost one of its tags is read as a whole one',
  async (format) => {
    const tags = [...textOf(format).matchAll(/<\/?[a-z]+[^<>]*>/gi)].filter(([tag]) => !tag.endsWith('/>'));
    expect(tags.length).toBeGreaterThanOrEqual(4);
    for (const { 0: tag, index } of tags) {
      const text = textOf(format).slice(0, index) + textOf(format).slice(index + tag.length);
      const report = await readReport({ bytes: Buffer.from(text), name: format }, { format });
      expect({ tag, whole: report.kind === 'read' && !report.truncated }).toEqual({ tag, whole: false });
    }
  },
);
