/** LCOV, the format most tools write, with everything hostile and careless tools put into it. */
import { type ReadReport, readReport } from '@gatehouse/coverage-gate';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

async function read(text: string): Promise<ReadReport> {
  const report = await readReport({ bytes: Buffer.from(text), name: 'lcov.info' });
  if (report.kind !== 'read') throw new Error(JSON.stringify(report));
  return report;
}

function linesOf(report: ReadReport, path: string): { seen: number[]; hit: number[] } {
  const set = report.files.get(path);
  const numbers = (bits: Uint32Array | undefined): number[] =>
    Array.from({ length: (bits?.length ?? 0) * 32 }, (_, n) => n).filter(
      (n) => ((bits?.[n >>> 5] ?? 0) >>> (n & 31)) & 1,
    );
  return { seen: numbers(set?.seen), hit: numbers(set?.hit) };
}

describe('counting', () => {
  test('duplicate records are a union and summaries are not believed', async () => {
    const report = await read(
      'TN:\nSF:a.ts\nDA:1,1\nDA:2,0\nLF:1\nLH:999999\nend_of_record\nSF:a.ts\nDA:2,3\nDA:3,0\nend_of_record\n',
    );
    expect(report).toMatchObject({ format: 'lcov', covered: 2, total: 3, rejected: 0 });
    expect(linesOf(report, 'a.ts')).toEqual({ seen: [1, 2, 3], hit: [1, 2] });
  });

  test('a count that is no number is uncovered, never dropped; an impossible line is rejected', async () => {
    const report = await read(
      'SF:a.ts\nDA:1,-1\nDA:2,18446744073709551615\nDA:0,1\nDA:999999999999,1\nDA:3,NaN\nend_of_record\n',
    );
    expect(linesOf(report, 'a.ts')).toEqual({ seen: [1, 2, 3], hit: [2] });
    expect(report).toMatchObject({ covered: 1, total: 3, rejected: 2, malformed: 1 });
    expect(report.diagnostics).toHaveLength(2);
  });

  test.each([
    ['1,5', true],
    ['1,0', false],
    ['1,0000', false],
    ['1,1e9', true],
    ['1,1.0', true],
    ['1,0.5', true],
    ['1,0.0', false],
    ['1,.5', false],
    ['1,1.5x', false],
    ['1,1,checksum==', true],
    ['1,0,checksum==', false],
    ['1,99999999999999999999999999999999', true],
    ['1,Infinity', false],
    ['1,-5', false],
    ['1,1x', false],
    ['1,', false],
    ['1,0x1', false],
    ['1, 1', false],
    ['1,1 ', true],
    ['1,0  ', false],
  ])('DA:%s is covered: %s', async (record, covered) => {
    const report = await read(`SF:a.ts\nDA:${record}\nend_of_record\n`);
    expect(report).toMatchObject({ covered: covered ? 1 : 0, total: 1 });
  });

  test('a line without a file is rejected', async () => {
    expect(await read('TN:\nDA:1,1\nSF:\nDA:2,1\nend_of_record\nDA:3,1\n')).toMatchObject({ total: 0, rejected: 4 });
  });
});

describe('names', () => {
  test('Windows line ends, a byte order mark, drive letters and odd names are read as they are', async () => {
    const report = await read(
      '\uFEFFSF:C:\\src\\a.ts\r\nDA:1,1\r\nend_of_record\r\nSF:__proto__\nDA:7,0\nend_of_record\n',
    );
    expect([...report.files.keys()]).toEqual(['C:\\src\\a.ts', '__proto__']);
    expect(report).toMatchObject({ covered: 1, total: 2, rejected: 0, malformed: 0 });
  });
});

describe('limits', () => {
  test('a report without its last end mark is truncated, with or without a newline at the end', async () => {
    expect(await read('SF:a.ts\nDA:1,1\n')).toMatchObject({ truncated: true, covered: 1 });
    expect(await read('SF:a.ts\nDA:1,1')).toMatchObject({ truncated: true, covered: 1 });
    expect(await read('SF:a.ts\nDA:1,1\nend_of_record')).toMatchObject({ truncated: false, covered: 1 });
  });

  test('line numbers cannot be made to eat the memory', async () => {
    const bomb = Array.from({ length: 400 }, (_, i) => `SF:${i}\nDA:5000000,1\nend_of_record\n`).join('');
    expect(await readReport({ bytes: Buffer.from(bomb), name: 'x' })).toMatchObject({ kind: 'unreadable' });
  });

  test('megabytes without a line end are refused, not carried around', async () => {
    const report = { bytes: Buffer.from(`TN:\nSF:${'x'.repeat(8_000_000)}`), name: 'x' };
    expect(await readReport(report)).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining('one unit') });
  });

  test('too many files and too many bytes are refused', async () => {
    const bytes = Buffer.from('SF:a\nend_of_record\nSF:b\nend_of_record\n');
    expect(await readReport({ bytes, name: 'x' }, { limits: { maxFiles: 1 } })).toMatchObject({ kind: 'unreadable' });
    expect(await readReport({ bytes, name: 'x' }, { limits: { maxBytes: 10 } })).toMatchObject({ kind: 'unreadable' });
  });
});

test('files that follow each other, and come again, keep their lines apart, however far they reach', async () => {
  const part = (path: string, lines: readonly number[]): string =>
    `SF:${path}\n${lines.map((line) => `DA:${line},${line % 2}\n`).join('')}end_of_record\n`;
  const far = 40_001;
  const report = await read(
    [
      part('a', [1, 5]),
      part('empty', []),
      part('b', [far]),
      part('c', [2]),
      part('empty', [3]),
      part('a', [far, 6]),
    ].join(''),
  );
  expect([...report.files.keys()]).toEqual(['a', 'empty', 'b', 'c']);
  expect(linesOf(report, 'a')).toEqual({ seen: [1, 5, 6, far], hit: [1, 5, far] });
  expect(linesOf(report, 'b')).toEqual({ seen: [far], hit: [far] });
  expect(linesOf(report, 'c')).toEqual({ seen: [2], hit: [] });
  expect(linesOf(report, 'empty')).toEqual({ seen: [3], hit: [3] });
});

test('records cut anywhere by a chunk border count the same', async () => {
  const record = (i: number): string =>
    `SF:src/file_${i % 40}.ts\nDA:${(i * 7) % 900 || 1},${i % 3}\nDA:${i},1\nend_of_record\n`;
  const text = Array.from({ length: 60_000 }, (_, i) => record(i + 1)).join('');
  expect(Buffer.byteLength(text)).toBeGreaterThan(2 ** 21);
  const seen = new Set<string>();
  const hit = new Set<string>();
  for (let i = 1; i <= 60_000; i++) {
    for (const [line, count] of [
      [(i * 7) % 900 || 1, i % 3],
      [i, 1],
    ] as const) {
      seen.add(`${i % 40}:${line}`);
      if (count > 0) hit.add(`${i % 40}:${line}`);
    }
  }
  expect(await read(text)).toMatchObject({ covered: hit.size, total: seen.size, rejected: 0, truncated: false });
});

test('whatever the records say, the counts are those of a plain reading', async () => {
  const record = fc.tuple(fc.constantFrom('a', 'b/c.ts'), fc.integer({ min: 1, max: 3000 }), fc.nat({ max: 3 }));
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1 }), async (records) => {
      const text = records.map(([path, line, count]) => `SF:${path}\nDA:${line},${count}\nend_of_record\n`).join('');
      const seen = new Set(records.map(([path, line]) => `${path}:${line}`));
      const hit = new Set(records.filter(([, , count]) => count > 0).map(([path, line]) => `${path}:${line}`));
      expect(await read(text)).toMatchObject({ covered: hit.size, total: seen.size });
    }),
  );
});
