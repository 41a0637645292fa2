/**
 * Files that were measured before, are still there, and are not in the report. Leaving a file out of the measurement
 * must not raise the share, so their lines are added back as uncovered; the baseline remembers them that way.
 */
import type { Baseline, FileCounts, LineCounts, Measured, PatchMap } from './verdict.ts';

export interface VanishedResult {
  readonly counts: LineCounts;
  /** Of these, the ones that had covered lines, so that something was lost. */
  readonly vanished: readonly { readonly path: string; readonly total: number }[];
  readonly files: Readonly<Record<string, FileCounts>>;
}

/** The measurement with vanished files added back; without a baseline or a list of tracked files it stays as it is. */
export function settleVanished(measured: Measured, baseline: Baseline | null, patch?: PatchMap | null): VanishedResult {
  const files = new Map(Object.entries(measured.files));
  const vanished: { path: string; total: number }[] = [];
  let { total } = measured;
  const movedTo = renames(patch);
  for (const [before, [covered, lines]] of Object.entries(baseline?.files ?? {})) {
    const path = measured.tracked?.has(before) === true ? before : movedTo.get(before);
    if (path === undefined || files.has(path) || measured.tracked?.has(path) !== true) continue;
    total += lines;
    files.set(path, [0, lines]);
    if (covered > 0) vanished.push({ path, total: lines });
  }
  return { counts: { covered: measured.covered, total }, vanished, files: record(files) };
}

function renames(patch: PatchMap | null | undefined): Map<string, string> {
  const movedTo = new Map<string, string>();
  for (const [path, { from, status }] of patch ?? []) if (status === 'R' && from !== undefined) movedTo.set(from, path);
  return movedTo;
}

/** Own properties only: a file named `__proto__` is an ordinary name. */
export function record(files: ReadonlyMap<string, FileCounts>): Readonly<Record<string, FileCounts>> {
  return Object.fromEntries(files);
}
