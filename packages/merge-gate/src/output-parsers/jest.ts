import { type Counts, numberBefore } from './counts.ts';

const FILE = /^(?:FAIL|PASS) +(?:\S+ )??(\S+\.[cm]?[jt]sx?)\b/;
const FAILING = /^ {2}● (.+)$/;
const SUMMARY = /^Tests: {2,}(.*\d+ total)$/;
const NOTICES = new Set(['Console', 'Validation Warning:', 'Deprecation Warning:', 'Cannot log after tests are done.']);

/** Jest's default reporter. A suite that cannot be loaded counts as one failing name. */
export function readJest(lines: readonly string[]): Counts | null {
  const failed: string[] = [];
  const sums = { summaries: 0, total: 0, ran: 0 };
  let file = '';
  for (const line of lines) {
    const heading = FILE.exec(line);
    if (heading !== null) file = line.startsWith('FAIL') ? (heading[1] ?? '') : '';
    const failing = FAILING.exec(line)?.[1]?.trim();
    if (failing !== undefined && file !== '' && !NOTICES.has(failing)) failed.push(`${file} > ${failing}`);
    const summary = SUMMARY.exec(line)?.[1];
    if (summary !== undefined) {
      const total = numberBefore(summary, 'total');
      const idle = numberBefore(summary, 'skipped') + numberBefore(summary, 'todo');
      sums.summaries += 1;
      sums.total += total;
      sums.ran += total - idle;
    }
    if (line.startsWith('No tests found, exiting with code')) sums.summaries += 1;
  }
  return sums.summaries === 0 ? null : { counted: { total: sums.total, ran: sums.ran }, failed };
}
