import { type Counts, type FailingLine, innermostFailures } from './counts.ts';

const RESULT = /^( *)(not ok|ok)\b(?: +\d+)?(?: +-)?(?: +([^\n]*))?$/;
const DIRECTIVE = /(?:^| )# *(SKIP|TODO)\b/i;
const PLAN = /^1\.\.(\d{1,9})(?:\s|$)/;
const SUMMARY = /^# (tests|skipped|skip|todo|cancelled) +(\d{1,9})$/;

/**
 * The Test Anything Protocol, versions 12 to 14 and as node:test, tape, bats and prove print it.
 * A `# tests` summary is preferred to the top-level plan because it counts subtests.
 */
export function readTap(lines: readonly string[]): Counts | null {
  const results: FailingLine[] = [];
  const sums = new Map<string, number>();
  let planned: number | null = null;
  let topLevelSkipped = 0;
  for (const line of lines) {
    const plan = PLAN.exec(line);
    if (plan !== null) planned = (planned ?? 0) + Number(plan[1]);
    const summary = SUMMARY.exec(line);
    if (summary !== null) sums.set(summary[1] ?? '', (sums.get(summary[1] ?? '') ?? 0) + Number(summary[2]));
    const result = RESULT.exec(line);
    if (result === null) continue;
    const [, indent = '', mark, title = ''] = result;
    const excused = DIRECTIVE.test(title);
    if (excused && indent === '') topLevelSkipped += 1;
    results.push({ depth: indent.length, name: title.trim() || '(unnamed)', failed: mark === 'not ok' && !excused });
  }
  const total = sums.get('tests') ?? planned;
  if (total === null || (results.length === 0 && total > 0)) return null;
  const idle = sums.has('tests')
    ? (sums.get('skipped') ?? 0) + (sums.get('skip') ?? 0) + (sums.get('todo') ?? 0)
    : topLevelSkipped;
  return { counted: { total, ran: Math.max(0, total - idle) }, failed: innermostFailures(results) };
}
