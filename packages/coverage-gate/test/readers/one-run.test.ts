/**
 * One run in every format istanbul offers, in its shape: each names the same lines. There are functions whose head
 * is a line of its own, a function below another, one that is empty and one that shares its line with a statement.
 */
import { describe, expect, test } from '@jest/globals';
import { filesOf, read } from './lines-of.ts';

const LINES: readonly (readonly [line: number, count: number])[] = [
  [2, 1],
  [3, 1],
  [4, 2],
  [8, 0],
  [9, 0],
  [12, 1],
];
/** Lines 1 and 7 hold a head alone; 4, 8 and 12 a statement, too. */
const HEADS: readonly (readonly [name: string, line: number, count: number])[] = [
  ['price', 1, 1],
  ['(anonymous_1)', 4, 2],
  ['refund', 7, 0],
  ['(anonymous_3)', 8, 0],
  ['(anonymous_4)', 12, 0],
];
const each = <Row>(rows: readonly Row[], text: (row: Row) => string): string => rows.map(text).join('\n');

const LCOV = `TN:\nSF:src/price.js\n${each(HEADS, ([name, line]) => `FN:${line},${name}`)}\nFNF:5\nFNH:2
${each(HEADS, ([name, , count]) => `FNDA:${count},${name}`)}\n${each(LINES, ([line, count]) => `DA:${line},${count}`)}
LF:6\nLH:4\nBRDA:2,0,0,0\nBRDA:2,0,1,1\nBRF:2\nBRH:1\nend_of_record\n`;

const clover = (lines: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<coverage generated="1" clover="3.2.0"><project timestamp="1" name="All files"><metrics statements="6" methods="5"/>
<file name="price.js" path="src/price.js"><metrics statements="6" methods="5"/>${lines}</file></project></coverage>\n`;
const STATEMENTS = each(LINES, ([line, count]) => `<line num="${line}" count="${count}" type="stmt"/>`);
const METHODS = each(
  HEADS,
  ([name, line, count]) => `<line num="${line}" type="method" name="${name}" count="${count}"/>`,
);

const line = ([number, count]: readonly [number, number]): string => `<line number="${number}" hits="${count}"/>`;
const COBERTURA = `<?xml version="1.0" ?>\n<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage lines-valid="6" lines-covered="4" line-rate="0.6666" version="0.1"><sources><source>/work</source></sources><packages><package name="main"><classes>
<class name="price.js" filename="src/price.js" line-rate="0.6666"><methods>
${each(HEADS, ([name, at, count]) => `<method name="${name}" hits="${count}" signature="()V"><lines>${line([at, count])}</lines></method>`)}
</methods><lines>${each(LINES, line)}</lines></class></classes></package></packages></coverage>\n`;

const place = (at: number): string => `{"start":{"line":${at},"column":2},"end":{"line":${at + 1},"column":9}}`;
/** A second statement stands on line 2 and did not run. */
const STATEMENT_MAP: typeof LINES = [...LINES, [2, 0]];
const JSON_MAP = `{"src/price.js":{"path":"src/price.js",
"statementMap":{${STATEMENT_MAP.map(([at], id) => `"${id}":${place(at)}`)}},
"fnMap":{${HEADS.map(([name, at], id) => `"${id}":{"name":"${name}","decl":${place(at)},"loc":${place(at)},"line":${at}}`)}},
"s":{${STATEMENT_MAP.map(([, count], id) => `"${id}":${count}`)}},"f":{"0":1},"b":{}}}`;

describe('one run of istanbul', () => {
  test.each([
    ['lcov', LCOV],
    ['clover', clover(STATEMENTS)],
    ['clover', clover(METHODS + STATEMENTS)],
    ['cobertura', COBERTURA],
    ['istanbul', JSON_MAP],
  ])('as %s covers four of six lines, and the head of a function is none', async (format, text) => {
    expect(await read(text)).toMatchObject({
      format,
      covered: 4,
      total: 6,
      rejected: 0,
      malformed: 0,
      diagnostics: [],
    });
    expect(await filesOf(text)).toEqual({ 'src/price.js': '2,3,4,12 of 2,3,4,8,9,12' });
  });
});
