/** Where coverage was lost: files with more uncovered lines than the baseline has of them, and which lines those are. */
import type { LineRange } from '@gatehouse/git';
import type { Baseline } from './baseline-record.ts';
import { hasLine, type LineSet } from './readers/report-lines.ts';
import { isUnder } from './rule-policy.ts';
import type { LineCounts, Measured, PatchMap } from './verdict.ts';

/** A file with more uncovered lines than before. */
export interface WorseFile extends LineCounts {
  /** Relative to the root of the commit. */
  readonly path: string;
  /** Uncovered lines that it had when it was last landed. */
  readonly uncoveredBefore: number;
  /** Its uncovered lines; of a file that had none before they are the lost ones. Empty for a report of totals. */
  readonly uncovered: readonly LineRange[];
}

/** The most lost lines first. */
export function worseFiles(
  { files, lines }: Pick<Measured, 'files' | 'lines'>,
  baseline: Baseline,
  { patch, ignore }: { readonly patch: PatchMap | null | undefined; readonly ignore: readonly string[] | undefined },
): readonly WorseFile[] {
  const found: WorseFile[] = [];
  for (const [path, [covered, total]] of Object.entries(files)) {
    const before = baseline.files[patch?.get(path)?.from ?? path] ?? [0, 0];
    const uncoveredBefore = before[1] - before[0];
    if (total - covered <= uncoveredBefore || isUnder(path, ignore)) continue;
    found.push({ path, covered, total, uncoveredBefore, uncovered: uncoveredRanges(lines?.get(path)) });
  }
  const lost = ({ covered, total, uncoveredBefore }: WorseFile): number => total - covered - uncoveredBefore;
  return found.sort((a, b) => lost(b) - lost(a) || (a.path < b.path ? -1 : 1));
}

/** Lines that are no code do not end a range. */
export function uncoveredRanges(set: LineSet | undefined): LineRange[] {
  const ranges: LineRange[] = [];
  let isOpen = false;
  for (let line = 1; set !== undefined && line < set.seen.length * 32; line++) {
    if (!hasLine(set.seen, line)) continue;
    const last = ranges.at(-1);
    if (hasLine(set.hit, line)) isOpen = false;
    else if (isOpen && last !== undefined) ranges[ranges.length - 1] = { ...last, end: line };
    else {
      ranges.push({ start: line, end: line });
      isOpen = true;
    }
  }
  return ranges;
}
