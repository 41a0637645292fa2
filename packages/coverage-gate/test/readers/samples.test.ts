/** The newer formats: one small report of each is detected by its content and read as the lines it means. */
import { readReport } from '@gatehouse/coverage-gate';
import { describe, expect, test } from '@jest/globals';
import { filesOf, read } from './lines-of.ts';
import { SAMPLES } from './samples.ts';

const samples = Object.entries(SAMPLES);

describe('each format', () => {
  test.each(samples)('%s is detected and means its lines', async (format, { text, files }) => {
    expect(await read(text)).toMatchObject({ kind: 'read', format, rejected: 0, truncated: false });
    expect(await filesOf(text)).toEqual(files);
  });

  test.each(samples)('%s reads the same behind a byte order mark and with CRLF', async (_, { text, files }) => {
    const marked = `\ufeff${text.replaceAll('><', '>\r\n<').replaceAll('},"', '},\r\n"')}`;
    expect(await filesOf(marked)).toEqual(files);
  });

  test.each(samples)('%s that is cut short is never whole', async (format, { text }) => {
    const cut = await readReport({ bytes: Buffer.from(text.slice(0, -2)), name: format });
    expect(cut.kind === 'unreadable' || (cut.kind === 'read' && cut.truncated)).toBe(true);
  });
});

describe('totals', () => {
  test.each([
    ['json-summary', 5, 9],
    ['xccov-report', 4, 10],
  ] as const)('%s says how many lines there are, and that it does not know which', async (format, covered, total) => {
    expect(await read(SAMPLES[format]?.text ?? '')).toMatchObject({
      covered,
      total,
      totalsOnly: true,
      diagnostics: [expect.stringContaining('totals only')],
    });
  });

  test('more covered than there are, words in place of counts, and a file named twice are rejected', async () => {
    const lines = (covered: string, total: string): string => `{"lines":{"covered":${covered},"total":${total}}}`;
    const text = `{"total":${lines('1', '1')},"a":${lines('3', '2')},"b":${lines('"1"', '2')},"c":${lines('-1', '2')},"d":${lines('1', '2')},"d":${lines('2', '2')},"e":${lines('1', '99999999999999999999')}}`;
    expect(await read(text)).toMatchObject({ covered: 1, total: 2, rejected: 5 });
  });
});

describe('what a count may be', () => {
  const codecov = (counts: string): string => `{"coverage":{"a":{${counts}}}}`;

  test('a count that is none is an uncovered line', async () => {
    const text = codecov('"1":-5,"2":"x","3":{},"4":[],"5":false,"6":1e999,"7":"00/2","8":"01/2"');
    expect(await filesOf(text)).toEqual({ a: '6,8 of 1,2,3,4,5,6,7,8' });
    expect(await read(text)).toMatchObject({ malformed: 5 });
  });

  test('lines that no file has are rejected', async () => {
    expect(await read(codecov('"0":1,"-1":1,"1.5":1,"999999999999":1,"x":1,"7":1'))).toMatchObject({
      covered: 1,
      total: 1,
      rejected: 5,
    });
  });
});

describe('llvm-cov', () => {
  test('a report of summaries says how to export the lines', async () => {
    const text =
      '{"data":[{"files":[{"filename":"a","summary":{"lines":{"count":1,"covered":1}}}]}],"type":"llvm.coverage.json.export"}';
    expect(await read(text)).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining('--summary-only') });
  });

  test('a segment that would reach over a million lines is rejected', async () => {
    const text =
      '{"data":[{"files":[{"filename":"a","segments":[[1,1,1,true,true,false],[1000000,1,0,false,false,false]]}]}]}';
    expect(await read(text)).toMatchObject({ total: 2, rejected: 1 });
  });
});

describe('OpenCover', () => {
  test('a sequence point of no known file is rejected, and one that ends before it starts is one line', async () => {
    const text =
      '<CoverageSession><File uid="1" fullPath="a"/><SequencePoint vc="1" sl="3" el="1" fileid="1"/><SequencePoint vc="1" sl="4" fileid="9"/><SequencePoint vc="1" sl="5"/><SequencePoint vc="1" sl="1" el="900000" fileid="1"/></CoverageSession>';
    expect(await filesOf(text)).toEqual({ a: '3 of 3' });
    expect(await read(text)).toMatchObject({ rejected: 3 });
  });
});

test('JSON that nests what its reader follows is refused, however deep', async () => {
  const deep = `{"a.js":${'{"data":'.repeat(100_000)}{"statementMap":{}}${'}'.repeat(100_000)}}`;
  expect(await readReport({ bytes: Buffer.from(deep), name: 'x' }, { format: 'istanbul' })).toMatchObject({
    kind: 'unreadable',
    reason: expect.stringContaining('nests deeper'),
  });
});
