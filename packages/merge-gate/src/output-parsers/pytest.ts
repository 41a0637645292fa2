import { type Counts, numberBefore } from './counts.ts';

const SUMMARY =
  /^(?:=+ )?((?:\d{1,9} (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|subtests passed)(?:, )?)+|no tests (?:ran|collected)[^=]*) in [\d.:]+m?s\b/;
const FAILING = /^(?:FAILED|ERROR) (\S+?\.py(?:::.*?)?)(?: - .*)?$/;

/** pytest's terminal summary, plain or `-q`. Deselected tests did not run. */
export function readPytest(lines: readonly string[]): Counts | null {
  const failed: string[] = [];
  const sums = { summaries: 0, total: 0, ran: 0 };
  for (const line of lines) {
    const failing = FAILING.exec(line)?.[1];
    if (failing !== undefined) failed.push(failing);
    const summary = SUMMARY.exec(line)?.[1];
    if (summary === undefined) continue;
    const words = ['passed', 'failed', 'xfailed', 'xpassed'] as const;
    const ran = words.reduce((sum, word) => sum + numberBefore(summary, word), 0);
    const idle = numberBefore(summary, 'skipped');
    sums.summaries += 1;
    sums.total += ran + idle;
    sums.ran += ran;
  }
  return sums.summaries === 0 ? null : { counted: { total: sums.total, ran: sums.ran }, failed };
}
