import type { Counts } from './counts.ts';

const PASSING = /^ {2}(\d{1,9}) passing \(/;
const FAILING = /^ {2}(\d{1,9}) failing$/;
const PENDING = /^ {2}(\d{1,9}) pending$/;
const TITLE = /^ {2}\d{1,9}\) (.+)$/;

/** Mocha's spec and dot reporters. The recap after `N failing` names suite and test on indented lines. */
export function readMocha(lines: readonly string[]): Counts | null {
  const failed: string[] = [];
  const sums = { passing: 0, failing: 0, pending: 0 };
  let seen = false;
  let inRecap = false;
  for (const [index, line] of lines.entries()) {
    const passing = PASSING.exec(line);
    if (passing !== null) seen = true;
    sums.passing += Number(passing?.[1] ?? 0);
    sums.pending += seen ? Number(PENDING.exec(line)?.[1] ?? 0) : 0;
    const failing = seen ? FAILING.exec(line) : null;
    if (failing !== null) inRecap = true;
    sums.failing += Number(failing?.[1] ?? 0);
    const title = inRecap ? TITLE.exec(line)?.[1] : undefined;
    if (title !== undefined) failed.push([title, ...titleLines(lines, index + 1)].join(' > ').replace(/:$/, ''));
  }
  if (!seen) return null;
  const ran = sums.passing + sums.failing;
  return { counted: { total: ran + sums.pending, ran }, failed };
}

/** The title goes on, one deeper line per level, until the line that ends in a colon. */
function titleLines(lines: readonly string[], from: number): string[] {
  const rest: string[] = [];
  for (const line of lines.slice(from, from + 10)) {
    if (!/^ {5,}\S/.test(line)) break;
    rest.push(line.trim());
    if (line.endsWith(':')) break;
  }
  return rest;
}
