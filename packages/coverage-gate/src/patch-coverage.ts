/** Coverage of the lines a change added, and the changed source files that were not measured. */

import type { LineRange } from '@gatehouse/git';
import { MILLION } from './percent.ts';
import { hasLine, type LineSet } from './readers/report-lines.ts';
import { isUnder } from './rule-policy.ts';
import type { CoveragePolicy, Measured, PatchJudgement, PatchMap, PatchPolicy, Pragma } from './verdict.ts';

/** Names that hold tests: they run, but no tool reports them. */
const TEST_FILE =
  /(^|\/)(tests?|__tests__|spec|testdata|fixtures)\/|[._-](test|spec)\.\w+$|(^|\/)(test_[^/]*|conftest)\.py$/i;
/** Files that configure tools, named like source. */
const TOOL_FILE = /(^|\/)[^/]*\.(config|conf|setup)\.\w+$|\.d\.ts$/i;

/** Lines of head that continue a statement begun above, per file, with the lines it may have begun on. */
export type Continued = ReadonlyMap<string, ReadonlyMap<number, readonly number[]>>;

/** What the change did, as far as its own lines are judged. */
export interface PatchLines {
  readonly patch: PatchMap | null | undefined;
  readonly pragmas: readonly Pragma[];
  readonly continued?: Continued | undefined;
  readonly ignore?: readonly string[] | undefined;
}

/**
 * Null when there is no patch, no policy, or no lines to check. Every statement of which a line was added counts once,
 * on the line the report measures it by; every line that an added comment hides counts as uncovered.
 */
export function judgePatch(
  policy: PatchPolicy | undefined,
  measured: Measured,
  change: PatchLines,
): PatchJudgement | null {
  const { patch, ignore } = change;
  if (policy === undefined || policy.policy === 'off' || !patch || measured.lines === undefined) return null;
  let covered = 0;
  let total = 0;
  const uncovered: (LineRange & { path: string })[] = [];
  const hidden = hiddenByFile(change.pragmas);
  for (const path of new Set([...patch.keys(), ...hidden.keys()])) {
    if (isUnder(path, ignore)) continue;
    const lines = linesOf(measured.lines.get(path), {
      added: patch.get(path)?.added ?? [],
      continued: change.continued?.get(path),
      hidden: hidden.get(path) ?? [],
    });
    covered += lines.covered;
    total += lines.covered + lines.uncovered.length;
    for (const line of lines.uncovered) extend(uncovered, path, line);
  }
  const slack = policy.slackLines ?? 1;
  const holds = total === 0 || covered * MILLION >= policy.minPpm * total || total - covered <= slack;
  return { covered, total, minPpm: policy.minPpm, policy: policy.policy, holds, uncovered };
}

interface FileLines {
  readonly added: readonly LineRange[];
  readonly continued: ReadonlyMap<number, readonly number[]> | undefined;
  readonly hidden: readonly LineRange[];
}

/** Uncovered lines are ascending; a statement that goes on below its first line is named by the line that was added. */
function linesOf(
  set: LineSet | undefined,
  { added, continued, hidden }: FileLines,
): { readonly covered: number; readonly uncovered: readonly number[] } {
  let covered = 0;
  const uncovered = new Set<number>();
  const begun = new Set<number>();
  const count = (first: number, line: number): void => {
    begun.add(first);
    if (set !== undefined && hasLine(set.hit, first)) covered++;
    else uncovered.add(line);
  };
  const isSeen = (line: number): boolean => set !== undefined && hasLine(set.seen, line);
  for (const { start, end } of added) {
    const last = Math.min(end, lastLine(set));
    for (let line = start; line <= last; line++) if (isSeen(line)) count(line, line);
  }
  for (const [line, owners] of continued ?? []) {
    if (isSeen(line)) continue;
    const first = owners.find(isSeen);
    if (first !== undefined && !begun.has(first)) count(first, line);
  }
  for (const { start, end } of hidden) {
    const last = Math.min(end, start + MAX_HIDDEN);
    for (let line = start; line <= last; line++) if (!isSeen(line)) uncovered.add(line);
  }
  return { covered, uncovered: [...uncovered].sort((a, b) => a - b) };
}

/** No file is longer than what a report may have of one. */
const MAX_HIDDEN = 5_000_000;

const lastLine = (set: { readonly seen: Uint32Array } | undefined): number => (set?.seen.length ?? 0) << 5;

/** Without a range a comment hides its own line. */
export const hiddenRanges = ({ line, hides }: Pragma): readonly LineRange[] => hides ?? [{ start: line, end: line }];

function hiddenByFile(pragmas: readonly Pragma[]): Map<string, LineRange[]> {
  const byFile = new Map<string, LineRange[]>();
  for (const pragma of pragmas) byFile.set(pragma.path, [...(byFile.get(pragma.path) ?? []), ...hiddenRanges(pragma)]);
  return byFile;
}

function extend(ranges: (LineRange & { path: string })[], path: string, line: number): void {
  const previous = ranges.at(-1);
  if (previous?.path === path && previous.end === line - 1) ranges[ranges.length - 1] = { ...previous, end: line };
  else ranges.push({ path, start: line, end: line });
}

/** Changed files that resemble measured source (same extension), hold no tests, and are not in the report. */
export function unmeasuredFiles(
  measured: Measured,
  patch: PatchMap | null | undefined,
  policy: CoveragePolicy,
): string[] {
  const found: string[] = [];
  for (const [path, { status, added }] of patch ?? []) {
    if (status === 'D' || added.length === 0 || Object.hasOwn(measured.files, path)) continue;
    if (extension(path) === '' || TEST_FILE.test(path) || TOOL_FILE.test(path)) continue;
    if (!isUnder(path, policy.ignore)) found.push(path);
  }
  if (found.length === 0) return found;
  const extensions = new Set(Object.keys(measured.files).map(extension));
  return found.filter((path) => extensions.has(extension(path)));
}

const extension = (path: string): string => /[^/](\.[^./]+)$/.exec(path)?.[1] ?? '';
