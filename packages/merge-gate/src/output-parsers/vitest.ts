import { type Counts, numberBefore } from './counts.ts';

const FAILING = /^ ?FAIL {2}(.+)$/;
const SUMMARY = /^ +Tests {2}(.*)\((\d{1,9})\)$/;

/** Vitest's default reporter. */
export function readVitest(lines: readonly string[]): Counts | null {
  const failed: string[] = [];
  const sums = { summaries: 0, total: 0, ran: 0 };
  for (const line of lines) {
    const failing = FAILING.exec(line)?.[1]?.trim();
    if (failing !== undefined) failed.push(failing);
    const summary = SUMMARY.exec(line);
    if (summary !== null) {
      const total = Number(summary[2]);
      const idle = numberBefore(summary[1] ?? '', 'skipped') + numberBefore(summary[1] ?? '', 'todo');
      sums.summaries += 1;
      sums.total += total;
      sums.ran += total - idle;
    }
    if (line.startsWith('No test files found, exiting with code')) sums.summaries += 1;
  }
  return sums.summaries === 0 ? null : { counted: { total: sums.total, ran: sums.ran }, failed };
}
