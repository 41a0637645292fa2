import { type Counts, numberBefore } from './counts.ts';

const SUMMARY = /^test result: (?:ok|FAILED)\. (.*)$/;
const FAILING = /^test (.+) \.\.\. FAILED$/;

/** `cargo test`: one summary per test binary. Ignored tests did not run. */
export function readCargo(lines: readonly string[]): Counts | null {
  const failed: string[] = [];
  const sums = { summaries: 0, total: 0, ran: 0 };
  for (const line of lines) {
    const failing = FAILING.exec(line)?.[1];
    if (failing !== undefined) failed.push(failing);
    const summary = SUMMARY.exec(line)?.[1];
    if (summary === undefined) continue;
    const ran = numberBefore(summary, 'passed') + numberBefore(summary, 'failed');
    sums.summaries += 1;
    sums.total += ran + numberBefore(summary, 'ignored');
    sums.ran += ran;
  }
  return sums.summaries === 0 ? null : { counted: { total: sums.total, ran: sums.ran }, failed };
}
