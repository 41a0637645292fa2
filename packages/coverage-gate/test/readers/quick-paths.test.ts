/** What readers take in one stride is read as if each byte was looked at: borders of what is at hand, and tags that only look alike. */
import { readReport } from '@gatehouse/coverage-gate';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CHUNK_BYTES } from '../../src/read-report.ts';
import { HEAD_BYTES } from '../../src/readers/detect-format.ts';
import { filesOf, read } from './lines-of.ts';

describe('JSON cut by the border of the first 64 KiB', () => {
  const before = '{"meta": {"a": [1, "]"]}, "files": {';
  const file =
    '"a\\"\\\\é.py": {"functions": {"f": {"executed_lines": [7, 8], "x\\"]": [[true], {"y": -1.5e3}]}}, "executed_lines": [1, 22, 4000], "missing_lines" : [ 333 ]}';
  const behind = '}}';

  test('is the same wherever the border falls', async () => {
    const bytes = Buffer.from(file);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const blanks = Buffer.alloc(HEAD_BYTES - before.length - cut, ' ');
      const text = Buffer.concat([Buffer.from(before), blanks, bytes, Buffer.from(behind)]).toString();
      expect({ cut, files: await filesOf(text) }).toEqual({ cut, files: { 'a"\\é.py': '1,22,4000 of 1,22,333,4000' } });
      const broken = text.replace(']}}}', ']}]}');
      expect(await read(broken)).toMatchObject({
        kind: 'unreadable',
        reason: `broken JSON at byte ${Buffer.byteLength(broken) - 1}: a comma is expected`,
      });
    }
  });

  test('numbers of any length, over many borders', async () => {
    const zeros = '0'.repeat(3 * 2 ** 20);
    const text = `{"meta": {}, "files": {"a.py": {"executed_lines": [${zeros}7, 9${zeros}], "missing_lines": [${zeros}]}}}`;
    expect(await read(text)).toMatchObject({ kind: 'read', covered: 1, total: 1, rejected: 2 });
  });

  test('a string longer than what is read at once', async () => {
    const name = `${'x"'.repeat(2 ** 19).replaceAll('"', '\\"')}`;
    const text = `{"meta": {"source": "${name}"}, "files": {"a.py": {"executed_lines": [1], "missing_lines": []}}}`;
    expect(await filesOf(text)).toEqual({ 'a.py': '1 of 1' });
  });

  test('its size is limited to the byte, and nothing of a longer one is read', async () => {
    const bytes = Buffer.from('{"meta": {}, "files": {"a.py": {"executed_lines": [1], "missing_lines": []}}}');
    const limited = (maxJsonBytes: number) => readReport({ bytes, name: 'x' }, { limits: { maxJsonBytes } });
    expect(await limited(bytes.length)).toMatchObject({ kind: 'read', covered: 1 });
    expect(await limited(bytes.length - 1)).toMatchObject({
      kind: 'unreadable',
      reason: `one unit of it has more than ${bytes.length - 1} bytes`,
    });
  });
});

describe('a tag that begins like the others', () => {
  const report = (...tags: readonly string[]): string => {
    const lines = Array.from({ length: 12 }, (_, at) => `\n  <line number="${at + 1}" hits="${at % 2}"/>`);
    return `<coverage line-rate="1"><class filename="a">${lines.join('')}${tags.join('')}${lines.join('')}\n  </class></coverage>`;
  };
  const usual = '2,4,6,8,10,12 of 1,2,3,4,5,6,7,8,9,10,11,12';

  test.each([
    ['with more attributes', '\n  <line number="40" hits="3" branch="true" note="a>b"/>', 40],
    ['with a child', '\n  <line number="41" hits="3"><conditions/></line>', 41],
    ['with the other quote', "\n  <line number='42' hits='3' branch='true'/>", 42],
    ['beyond the room for lines', '\n  <line number="4321" hits="3"/>', 4321],
    ['with leading zeros', '\n  <line number="000000000000043" hits="3"/>', 43],
    ['with a blank before its end', '\n  <line number="44" hits="3" />', 44],
  ])('%s is read', async (_, tag, line) => {
    const [ran, all] = usual.split(' of ');
    expect(await filesOf(report(tag))).toEqual({ a: `${ran},${line} of ${all},${line}` });
  });

  test.each([
    ['names its line twice', '\n  <line number="40" hits="3" number="41"/>', 'an attribute stands twice in one tag'],
    [
      'names its count twice',
      '\n  <line number="40" hits="3" x="1" hits="0"/>',
      'an attribute stands twice in one tag',
    ],
    ['has a value without quotes', '\n  <line number="40" hits="3" x=1/>', 'an attribute has no quoted value'],
  ])('and %s is broken', async (_, tag, reason) => {
    expect(await read(report(tag))).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(reason) });
  });

  test('is not ended by a quote of the other kind', async () => {
    const lines = "\n  <line number='1' hits='1'/>\n  <line number='2' hits='1'/>";
    const text = `<coverage line-rate="1"><class filename="a">${lines}\n  <line number='3' hits='1" branch="true"/>\n</class></coverage>`;
    expect(await read(text)).toMatchObject({ covered: 2, truncated: true });
  });

  test('counts in the file that is open, and nowhere where none is', async () => {
    const line = '\n <line number="3" hits="1"/>';
    const text = `<coverage line-rate="1"><class filename="a">${line}${line}</class>${line}<class filename="b">${line}</class></coverage>`;
    expect(await filesOf(text)).toEqual({ a: '3 of 3', b: '3 of 3' });
    expect(await read(text)).toMatchObject({ rejected: 1 });
  });

  test('but is the head of a method, or a condition without a count, is what it says', async () => {
    const lines = '\n<line num="1" count="0" type="stmt"/>\n<line num="2" count="4" type="stmt"/>';
    const odd =
      '\n<line num="3" count="4" type="method"/>\n<line num="4" type="cond" truecount="0" falsecount="2"/>\n<line num="5" count="1" type="stmt"/>';
    const text = `<coverage clover="3"><project><file path="a">${lines}${odd}</file></project></coverage>`;
    expect(await filesOf(text)).toEqual({ a: '2,4,5 of 1,2,4,5' });
  });
});

test('an OpenCover point is in the file of its method, whatever its offset is', async () => {
  const point = '<SequencePoint vc="1" uspid="3" ordinal="0" offset="2" sl="4" sc="9" el="5" ec="20"/>';
  const text = `<CoverageSession><File uid="1" fullPath="a.cs"/><File uid="2" fullPath="b.cs"/><Method><FileRef uid="1"/>${point}</Method></CoverageSession>`;
  expect(await filesOf(text)).toEqual({ 'a.cs': '4,5 of 4,5', 'b.cs': ' of ' });
});

test.each([
  ['lcov', 'SF:a', 'DA:7,0', 'end_of_record\n'],
  ['go-coverprofile', 'mode: set', 'a:7.1,7.2 1 0', ''],
  [
    'cobertura',
    '<coverage line-rate="1"><class filename="a">',
    ' <line number="7" hits="0"/>',
    '</class></coverage>\n',
  ],
])('%s that ends with the bytes that are read at once is read once', async (_, head, line, end) => {
  for (const size of [HEAD_BYTES, HEAD_BYTES + CHUNK_BYTES, HEAD_BYTES + 2 * CHUNK_BYTES]) {
    const many = Math.floor((size - head.length - 1 - end.length) / (line.length + 1));
    const text = `${head}\n${`${line}\n`.repeat(many)}${end}`;
    const whole = `${text}${'\n'.repeat(size - text.length)}`;
    expect(await read(whole)).toMatchObject({ kind: 'read', covered: 0, total: 1, rejected: 0, truncated: false });
  }
});

test('any lines of LCOV mean the same in any order, with any line ends, wherever the first 64 KiB end', async () => {
  const data = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 99 })), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(data, fc.constantFrom('\n', '\r\n'), fc.nat({ max: 600 }), async (lines, newline, shift) => {
      const all = [...new Set(lines.map(([line]) => line))].sort((a, b) => a - b);
      const ran = all.filter((line) => lines.some(([other, count]) => other === line && count > 0));
      const records = lines.map(([line, count], at) =>
        at % 3 === 0 ? `DA:${line},${count},x` : `DA:${line},${count}`,
      );
      const padding = 'TN:x\n'.repeat((HEAD_BYTES - shift) / 5);
      const text = `${padding}${['SF:a', ...records, 'BRDA:1,0,0,-', 'LF:1', 'end_of_record', ''].join(newline)}`;
      expect(await filesOf(text)).toEqual({ a: `${ran} of ${all}` });
    }),
    { numRuns: 50 },
  );
});
