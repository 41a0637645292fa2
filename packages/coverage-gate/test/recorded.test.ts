/** Reports as real tools wrote them (see recorded/README.md), against the number that each tool prints itself. */
import { join } from 'node:path';
import { readReport } from '@gatehouse/coverage-gate';
import { expect, test } from '@jest/globals';

interface Recorded {
  readonly report: string;
  readonly format: string;
  readonly ours: string;
  /** What the tool prints; `why` where that is another number. */
  readonly tools: string;
  readonly why?: string;
}

const INSTANCES = 'gcovr counts a line of a template once for each of its instances, we once';
const FUNCTIONS =
  'the summary of llvm-cov counts the lines of a closure twice, its own and those of the function around it';

const RECORDED: readonly Recorded[] = [
  { report: 'gcovr-8.8', format: 'gcovr', ours: '11/16', tools: '11/20', why: INSTANCES },
  { report: 'gcovr-8.8-lcov', format: 'lcov', ours: '11/16', tools: '11/20', why: INSTANCES },
  { report: 'gcovr-8.8-sonar', format: 'sonar-generic', ours: '11/16', tools: '11/20', why: INSTANCES },
  {
    report: 'gcov-12.2',
    format: 'gcovr',
    ours: '11/17',
    tools: '11/16',
    why: 'gcov itself does not know GCOVR_EXCL_LINE',
  },
  { report: 'llvm-cov-22.1.8', format: 'llvm-cov', ours: '21/29', tools: '22/31', why: FUNCTIONS },
  { report: 'llvm-cov-22.1.8-lcov', format: 'lcov', ours: '21/29', tools: '22/31', why: FUNCTIONS },
  { report: 'phpunit-9.6.7-clover', format: 'clover', ours: '32/36', tools: '32/36' },
  { report: 'phpunit-9.6.7-cobertura', format: 'cobertura', ours: '32/36', tools: '32/36' },
  {
    report: 'simplecov-0.22.0',
    format: 'simplecov',
    ours: '9/12',
    tools: '8/10',
    why: 'a result set is what ran; SimpleCov applies :nocov: when it makes a report of it',
  },
];

test.each(RECORDED)('$report is $format and reads as $ours', async ({ report, format, ours, tools, why }) => {
  const read = await readReport(join(import.meta.dirname, 'recorded', `${report}.report`));
  if (read.kind !== 'read') throw new Error(JSON.stringify(read));
  expect(read).toMatchObject({ format, rejected: 0, malformed: 0, truncated: false });
  expect(`${read.covered}/${read.total}`).toBe(ours);
  expect({ differs: ours !== tools }).toEqual({ differs: why !== undefined });
});

/** A set may have room for more lines than it has. */
const words = (bits: Uint32Array): string => bits.join().replace(/(,0)*$/, '');

test.each([
  ['gcovr-8.8', 'gcovr-8.8-lcov'],
  ['gcovr-8.8', 'gcovr-8.8-sonar'],
  ['llvm-cov-22.1.8', 'llvm-cov-22.1.8-lcov'],
])('one run reads equal from %s and %s', async (one, other) => {
  const [a, b] = await Promise.all(
    [one, other].map((report) => readReport(join(import.meta.dirname, 'recorded', `${report}.report`))),
  );
  if (a?.kind !== 'read' || b?.kind !== 'read') throw new Error('a report cannot be read');
  const linesOf = ({ files }: typeof a) => [...files].map(([name, { seen, hit }]) => [name, words(seen), words(hit)]);
  expect(linesOf(a)).toEqual(linesOf(b));
});
