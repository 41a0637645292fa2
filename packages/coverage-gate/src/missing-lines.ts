/**
 * Lines that were measured before, are still there, and are not in the report: of files that vanished from it, and of
 * files nobody changed. Leaving them out must not raise the share, so they are added back as uncovered; the baseline
 * remembers them that way. Of a label that carries forward, the last landed counts stand in instead.
 */
import { eachInTurns, type InTurns, inTurns } from './adapters/turns.ts';
import { type Baseline, recordInTurns } from './baseline-record.ts';
import { withKnownFlapping } from './flapping.ts';
import { isOn, isUnder, type LabelRule } from './rule-policy.ts';
import type { CoverageJudgement, CoveragePolicy, FileCounts, LineCounts, Measured, PatchMap } from './verdict.ts';

export interface Settled extends Pick<CoverageJudgement, 'vanished' | 'shrunk' | 'carried'> {
  readonly counts: LineCounts;
  readonly files: Readonly<Record<string, FileCounts>>;
}

/** What is known of the way from the baseline to what was measured. */
export interface Since {
  /** What the change did to each file. */
  readonly patch?: PatchMap | null | undefined;
  /** What happened to each file since the baseline's last commit; without it no file is known to be unchanged. */
  readonly sinceBaseline?: PatchMap | null | undefined;
  /** Without it files that vanish are added back, and nothing else is done. */
  readonly policy?: Pick<CoveragePolicy, 'vanished' | 'shrunk' | 'labels' | 'ignore'>;
}

/** The measurement with missing lines added back; without a baseline or a list of tracked files it stays as it is. */
export function* settleMissing(measured: Measured, baseline: Baseline | null, since: Since): InTurns<Settled> {
  const { policy, sinceBaseline } = since;
  const added = new Map<string, FileCounts>();
  const carried = carriedLabels(measured, baseline, since);
  const vanished: { path: string; total: number }[] = [];
  const shrunk: { path: string; missing: number }[] = [];
  let { covered, total } = measured;
  const movedTo = renames(sinceBaseline ?? since.patch);
  const settle = (before: string): void => {
    const path = measured.tracked?.has(before) === true ? before : movedTo.get(before);
    if (path === undefined || measured.tracked?.has(path) !== true || isUnder(path, policy?.ignore)) return;
    const [coveredBefore, lines] = baseline?.files[before] ?? NOTHING;
    const counts = added.get(path) ?? (Object.hasOwn(measured.files, path) ? measured.files[path] : undefined);
    const label = carried.find(({ rule }) => isUnder(path, rule.paths));
    if (counts === undefined && label !== undefined) {
      label.covered += coveredBefore;
      label.total += lines;
      covered += coveredBefore;
      total += lines;
      added.set(path, [coveredBefore, lines]);
    } else if (counts === undefined && isOn(policy?.vanished)) {
      total += lines;
      added.set(path, [0, lines]);
      if (coveredBefore > 0) vanished.push({ path, total: lines });
    } else if (counts !== undefined && counts[1] < lines && isUnchanged(before, since) && isOn(policy?.shrunk)) {
      total += lines - counts[1];
      added.set(path, [counts[0], lines]);
      shrunk.push({ path, missing: lines - counts[1] });
    }
  };
  yield* eachInTurns(Object.keys(baseline?.files ?? {}), settle);
  return {
    counts: { covered, total },
    files: added.size === 0 ? measured.files : yield* recordInTurns(overlaid(measured.files, added)),
    vanished,
    shrunk,
    carried: carried
      .filter(({ total: lines }) => lines > 0)
      .map(({ rule, covered: hit, total: lines }) => ({ label: rule.label, covered: hit, total: lines })),
  };
}

const NOTHING: FileCounts = [0, 0];

function* overlaid(
  files: Readonly<Record<string, FileCounts>>,
  added: ReadonlyMap<string, FileCounts>,
): Generator<readonly [string, FileCounts]> {
  for (const path of Object.keys(files)) yield [path, files[path] ?? NOTHING];
  yield* added;
}

/** What a landing of this measurement is remembered as; files that are missing from it are in it already. */
export async function landedMeasurement(
  measured: Measured,
  baseline: Baseline | null,
  since: Since,
): Promise<Measured> {
  const flapped = withKnownFlapping(measured, baseline, since.sinceBaseline);
  const { counts, files } = await inTurns(settleMissing(flapped, baseline, since));
  const { tracked: _, ...known } = flapped;
  return { ...known, ...counts, files };
}

const isUnchanged = (path: string, { sinceBaseline }: Since): boolean =>
  sinceBaseline !== undefined && sinceBaseline !== null && !sinceBaseline.has(path);

/** Labels that carry forward, of which the report measures nothing and no file changed since the baseline. */
function carriedLabels(
  measured: Measured,
  baseline: Baseline | null,
  { policy, sinceBaseline }: Since,
): { readonly rule: LabelRule; covered: number; total: number }[] {
  if (baseline === null || sinceBaseline === undefined || sinceBaseline === null) return [];
  const rules = (policy?.labels ?? []).filter(({ carryForward }) => carryForward === true);
  const touched = [...sinceBaseline].flatMap(([path, { from }]) => (from === undefined ? [path] : [path, from]));
  const names = rules.length === 0 ? [] : Object.keys(measured.files);
  return rules
    .filter(({ paths }) => ![...touched, ...names].some((path) => isUnder(path, paths)))
    .map((rule) => ({ rule, covered: 0, total: 0 }));
}

function renames(patch: PatchMap | null | undefined): Map<string, string> {
  const movedTo = new Map<string, string>();
  for (const [path, { from, status }] of patch ?? []) if (status === 'R' && from !== undefined) movedTo.set(from, path);
  return movedTo;
}
