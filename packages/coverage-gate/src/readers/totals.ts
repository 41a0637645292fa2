/**
 * Reports that say how many lines of each file ran, and not which: istanbul's `coverage-summary.json` and Xcode's `xccov view
 * --report --json`. Their numbers are believed because nothing else is there; what new lines did is not known from them.
 */
import type { JsonWalk } from './json-walk.ts';
import type { ReportLines } from './report-lines.ts';

interface Totals {
  covered: number | null;
  total: number | null;
}

/** The sum of all files stands there as if it were a file. */
export function readJsonSummary(walk: JsonWalk, lines: ReportLines): void {
  lines.totalsOnly = true;
  walk.object((path) => {
    const totals: Totals = { covered: null, total: null };
    walk.object((metric) => {
      if (metric === 'lines') readTotals(walk, totals, { covered: 'covered', total: 'total' });
      else walk.skip();
    });
    if (path !== 'total') lines.count(path, totals.covered, totals.total);
  });
}

export function readXccovReport(walk: JsonWalk, lines: ReportLines): void {
  lines.totalsOnly = true;
  const file = (): void => {
    const totals: Totals = { covered: null, total: null };
    const path = readTotals(walk, totals, { covered: 'coveredLines', total: 'executableLines' });
    lines.count(path, totals.covered, totals.total);
  };
  const target = (): void => walk.object((key) => (key === 'files' ? walk.array(file) : walk.skip()));
  walk.object((key) => (key === 'targets' ? walk.array(target) : walk.skip()));
}

/** Answers the path that stands beside the totals; empty without one. */
function readTotals(walk: JsonWalk, into: Totals, names: { readonly covered: string; readonly total: string }): string {
  let path = '';
  walk.object((key) => {
    if (key === names.covered) into.covered = walk.digits();
    else if (key === names.total) into.total = walk.digits();
    else if (key === 'path') path = walk.text() ?? '';
    else walk.skip();
  });
  return path;
}
