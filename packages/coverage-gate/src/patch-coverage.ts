/** Coverage of the lines a change added, and the changed source files that were not measured. */

import type { LineRange } from '@gatehouse/git';
import { MILLION } from './percent.ts';
import { hasLine } from './readers/report-lines.ts';
import type { CoveragePolicy, Measured, PatchJudgement, PatchMap, PatchPolicy, Pragma } from './verdict.ts';

/** Names that hold tests: they run, but no tool reports them. */
const TEST_FILE =
  /(^|\/)(tests?|__tests__|spec|testdata|fixtures)\/|[._-](test|spec)\.\w+$|(^|\/)(test_[^/]*|conftest)\.py$/i;
/** Files that configure tools, named like source. */
const TOOL_FILE = /(^|\/)[^/]*\.(config|conf|setup)\.\w+$|\.d\.ts$/i;

/** Null when there is no patch, no policy, or no lines to check. An added pragma line counts as uncovered. */
export function judgePatch(
  policy: PatchPolicy | undefined,
  measured: Measured,
  { patch, pragmas }: { readonly patch: PatchMap | null | undefined; readonly pragmas: readonly Pragma[] },
): PatchJudgement | null {
  if (policy === undefined || policy.policy === 'off' || !patch || measured.lines === undefined) return null;
  let covered = 0;
  let total = 0;
  const uncovered: (LineRange & { path: string })[] = [];
  const pragmaLines = new Set(pragmas.map(({ path, line }) => `${line} ${path}`));
  for (const [path, { added }] of patch) {
    const set = measured.lines.get(path);
    for (const range of added) {
      const last = Math.min(range.end, Math.max(lastLine(set), lastPragma(pragmas, path)));
      for (let line = range.start; line <= last; line++) {
        const seen = set !== undefined && hasLine(set.seen, line);
        if (!seen && !pragmaLines.has(`${line} ${path}`)) continue;
        total++;
        if (seen && hasLine(set.hit, line)) covered++;
        else extend(uncovered, path, line);
      }
    }
  }
  const slack = policy.slackLines ?? 1;
  const holds = total === 0 || covered * MILLION >= policy.minPpm * total || total - covered <= slack;
  return { covered, total, minPpm: policy.minPpm, policy: policy.policy, holds, uncovered };
}

const lastLine = (set: { readonly seen: Uint32Array } | undefined): number => (set?.seen.length ?? 0) << 5;

function lastPragma(pragmas: readonly Pragma[], path: string): number {
  let last = 0;
  for (const pragma of pragmas) if (pragma.path === path && pragma.line > last) last = pragma.line;
  return last;
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
  const extensions = new Set(Object.keys(measured.files).map(extension));
  extensions.delete('');
  const found: string[] = [];
  for (const [path, { status, added }] of patch ?? []) {
    if (status === 'D' || added.length === 0 || Object.hasOwn(measured.files, path)) continue;
    if (!extensions.has(extension(path)) || TEST_FILE.test(path) || TOOL_FILE.test(path)) continue;
    if (policy.ignore?.some((prefix) => path.startsWith(prefix)) !== true) found.push(path);
  }
  return found;
}

const extension = (path: string): string => /[^/](\.[^./]+)$/.exec(path)?.[1] ?? '';
