import { type Counts, type FailingLine, innermostFailures } from './counts.ts';

const SUMMARY = /^ℹ (tests|skipped|todo) (\d{1,9})$/;
const RESULT = /^( *)([✔✖﹣⚠]) (.*?) \([\d.]+ms\)(?: #.*)?$/;
const RECAP = '✖ failing tests:';

/** The human-facing reporter of node:test. Failures are read before the recap, where nesting is still visible. */
export function readNodeSpec(lines: readonly string[]): Counts | null {
  const sums = new Map<string, number>();
  const results: FailingLine[] = [];
  let inRecap = false;
  for (const line of lines) {
    if (line === RECAP) inRecap = true;
    const summary = SUMMARY.exec(line);
    if (summary !== null) {
      sums.set(summary[1] ?? '', (sums.get(summary[1] ?? '') ?? 0) + Number(summary[2]));
      inRecap = false;
    }
    const result = inRecap ? null : RESULT.exec(line);
    if (result !== null) {
      results.push({ depth: result[1]?.length ?? 0, name: result[3] ?? '', failed: result[2] === '✖' });
    }
  }
  const total = sums.get('tests');
  if (total === undefined) return null;
  const idle = (sums.get('skipped') ?? 0) + (sums.get('todo') ?? 0);
  return { counted: { total, ran: Math.max(0, total - idle) }, failed: innermostFailures(results) };
}
