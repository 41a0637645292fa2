/** What changed between two reports of the same sources: the totals, and per file which lines are covered no more, or now. */
import type { LineRange } from '@gatehouse/git';
import { countLines, hasLine, type LineSet } from './readers/report-lines.ts';
import type { LineCounts, ReadReport } from './verdict.ts';

/** One file in both reports. Its lines are compared by number: they mean the same where the file did not change. */
export interface FileComparison {
  /** As the reports name it. */
  readonly path: string;
  /** Null: the older report does not have it. */
  readonly before: LineCounts | null;
  /** Null: the newer report does not have it. */
  readonly after: LineCounts | null;
  /** Lines that were covered and are not any more; empty where a report holds totals only. */
  readonly lost: readonly LineRange[];
  /** Lines that are covered and were not. */
  readonly won: readonly LineRange[];
  /** Lines that are not covered and were none of the older report's. */
  readonly missing: readonly LineRange[];
}

/** Two reports, compared. */
export interface ReportComparison {
  /** The whole of the older one. */
  readonly before: LineCounts;
  /** The whole of the newer one. */
  readonly after: LineCounts;
  /** Files that differ, by name. */
  readonly files: readonly FileComparison[];
}

/** See `compareReports` in index.ts. */
export function compareReports(before: ReadReport, after: ReadReport): ReportComparison {
  const paths = [...new Set([...before.files.keys(), ...after.files.keys()])].sort();
  const files = paths.map((path) => compareFiles(path, before.files.get(path), after.files.get(path)));
  return { before: totals(before), after: totals(after), files: files.filter(differs) };
}

const totals = ({ covered, total }: ReadReport): LineCounts => ({ covered, total });

function compareFiles(path: string, before: LineSet | undefined, after: LineSet | undefined): FileComparison {
  return {
    path,
    before: before === undefined ? null : countLines(before),
    after: after === undefined ? null : countLines(after),
    lost: ranges(before, after),
    won: ranges(after, before),
    missing: newlyMissing(before, after),
  };
}

function newlyMissing(before: LineSet | undefined, after: LineSet | undefined): LineRange[] {
  if (after === undefined) return [];
  const known = (line: number): boolean => before !== undefined && hasLine(before.seen, line);
  return linesWhere(after.seen, (line) => !hasLine(after.hit, line) && !known(line));
}

const differs = ({ before, after, lost, won }: FileComparison): boolean =>
  before?.covered !== after?.covered || before?.total !== after?.total || lost.length + won.length > 0;

/** Lines that `one` covers and `other` does not. */
export function ranges(one: LineSet | undefined, other: LineSet | undefined): LineRange[] {
  return one === undefined ? [] : linesWhere(one.hit, (line) => other === undefined || !hasLine(other.hit, line));
}

/** Lines of the set that the test holds for. */
function linesWhere(set: Uint32Array, holds: (line: number) => boolean): LineRange[] {
  const found: LineRange[] = [];
  for (let line = 1; line < set.length * 32; line++) {
    if (!hasLine(set, line) || !holds(line)) continue;
    const last = found.at(-1);
    if (last?.end === line - 1) found[found.length - 1] = { start: last.start, end: line };
    else found.push({ start: line, end: line });
  }
  return found;
}
