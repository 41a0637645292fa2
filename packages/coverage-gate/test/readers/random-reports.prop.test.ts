/** Random reports, written in every style that a format allows: what is read is what was meant, line by line. */
import { test } from '@jest/globals';
import fc from 'fast-check';
import { expectFiles } from './expect-files.ts';

const isWhole = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';
const RUNS = isWhole ? 1000 : 60;

interface Line {
  readonly line: number;
  readonly count: string;
  /** How it is written: order, quotes, blanks, what else is said. */
  readonly style: number;
}
interface Part {
  readonly name: string;
  readonly lines: readonly Line[];
}

const COUNTS = ['0', '0', '1', '7', '100', '00', '18446744073709551616', '0.0', '0.5', '1e3', '0e7'];
const line = fc.record({
  line: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 70_000 })),
  count: fc.constantFrom(...COUNTS),
  style: fc.nat({ max: 11 }),
});
/** Runs of lines that are written alike, as tools write them, between odd ones. */
const run = fc
  .tuple(fc.integer({ min: 1, max: 3000 }), fc.nat({ max: 30 }), fc.constantFrom('0', '3'))
  .map(([first, length, count]) => Array.from({ length }, (_, at): Line => ({ line: first + at, count, style: 0 })));
const lines = fc
  .array(
    fc.oneof(
      run,
      line.map((one) => [one]),
    ),
    { maxLength: 8 },
  )
  .map((runs) => runs.flat());
const parts = fc.array(fc.record({ name: fc.constantFrom('a', 'src/b.c', 'ü &/c', 'd"\''), lines }), {
  minLength: 1,
  maxLength: 6,
});

const ran = ({ count }: Line): boolean => Number(count) > 0;
const escaped = (name: string): string =>
  name.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

/** A tag with these attributes, in one of twelve styles. */
function tag(name: string, attributes: readonly (readonly [string, string])[], style: number): string {
  const quote = style % 2 === 1 ? "'" : '"';
  const equals = style % 3 === 1 ? ' = ' : '=';
  const ordered = style % 4 >= 2 ? [...attributes].reverse() : attributes;
  const more = style % 5 === 4 ? [...ordered, ['note', 'a>b'] as const] : ordered;
  const text = more.map(([key, value]) => `${key}${equals}${quote}${value}${quote}`).join(style % 6 === 5 ? '\n' : ' ');
  const end = style === 7 ? `></${name}>` : style === 10 ? ' />' : '/>';
  return `${style === 11 ? '<!-- <line number="9999" hits="1"/> -->' : ''}\n  <${name} ${text}${end}`;
}

const FORMATS: { readonly [format: string]: (all: readonly Part[]) => string } = {
  lcov: (all) =>
    all
      .map(({ name, lines: own }) => {
        const data = own.map(({ line: at, count, style }) => {
          const aside = style % 4 === 3 ? `BRDA:${at},0,0,1\nFN:${at},x\n` : '';
          return `${aside}DA:${at},${count}${style % 3 === 1 ? ',sum==' : ''}${style % 5 === 4 ? '\r' : ''}\n`;
        });
        return `TN:\nSF:${name}\n${data.join('')}LF:999\nend_of_record\n`;
      })
      .join(''),
  cobertura: (all) =>
    `<coverage line-rate="1"><packages>${all
      .map(({ name, lines: own }) => {
        const tags = own.map((one) =>
          tag(
            'line',
            [
              ['number', `${one.line}`],
              ['hits', one.count],
            ],
            one.style,
          ),
        );
        const method = `<methods><method name="m"><lines>${tags.slice(0, 2).join('')}</lines></method></methods>`;
        return `<class name="x" filename="${escaped(name)}">${method}<lines>${tags.join('')}</lines></class>`;
      })
      .join('')}</packages></coverage>`,
  clover: (all) =>
    `<coverage clover="3"><project>${all
      .map(({ name, lines: own }) => {
        const tags = own.map(({ line: at, count, style }) => {
          const head =
            style % 4 === 1
              ? tag(
                  'line',
                  [
                    ['num', '69999'],
                    ['count', '5'],
                    ['type', 'method'],
                  ],
                  0,
                )
              : '';
          return `${head}${tag(
            'line',
            [
              ['num', `${at}`],
              ['type', 'stmt'],
              ['count', count],
            ],
            style,
          )}`;
        });
        return `<file name="${escaped(name)}">${tags.join('')}\n</file>`;
      })
      .join('')}</project></coverage>`,
  jacoco: (all) =>
    `<report name="x"><package name="">${all
      .map(({ name, lines: own }) => {
        const tags = own.map((one) =>
          tag(
            'line',
            [
              ['nr', `${one.line}`],
              ['mi', '4'],
              ['ci', one.count],
            ],
            one.style,
          ),
        );
        return `<sourcefile name="${escaped(name)}">${tags.join('')}</sourcefile>`;
      })
      .join('')}</package></report>`,
  'sonar-generic': (all) =>
    `<coverage version="1"><file path="none"><lineToCover lineNumber="0" covered="false"/></file>${all
      .map(({ name, lines: own }) => {
        const tags = own.map((one) =>
          tag(
            'lineToCover',
            [
              ['lineNumber', `${one.line}`],
              ['covered', `${ran(one)}`],
            ],
            one.style,
          ),
        );
        return `<file path="${escaped(name)}">${tags.join('')}</file>`;
      })
      .join('')}</coverage>`,
};

test.each(Object.keys(FORMATS))(`%s (${RUNS} reports)`, async (format) => {
  await fc.assert(
    fc.asyncProperty(parts, async (all) => {
      const meant = new Map<string, { seen: Set<number>; hit: Set<number> }>();
      for (const { name, lines: own } of all) {
        const sets = meant.get(name) ?? { seen: new Set(), hit: new Set() };
        meant.set(name, sets);
        for (const one of own) sets.seen.add(one.line);
        for (const one of own.filter(ran)) sets.hit.add(one.line);
      }
      await expectFiles(FORMATS[format]?.(all) ?? '', format, meant);
    }),
    { numRuns: RUNS },
  );
});
