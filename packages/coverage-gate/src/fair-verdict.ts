/**
 * Nobody is blamed for main, nor for noise. What would fail or stay unknown is looked at once more: against the tree the
 * branch started from, measured today, and by a second run of the very commit.
 */
import { resolveCommit } from '@gatehouse/git';
import { neverRaise } from '@gatehouse/verdict';
import { inTurns } from './adapters/turns.ts';
import type { Baseline } from './baseline-record.ts';
import { type CoverageVerdictRequest, comparable, judging } from './compute-verdict.ts';
import { uniteRuns } from './flapping.ts';
import { type MeasureRequest, measureCoverage } from './measure.ts';
import { settleMissing } from './missing-lines.ts';
import type { CoverageRule, CoverageVerdict, MeasuredOutcome, MeasureOutcome, PatchMap } from './verdict.ts';

/** The verdict, and the measurement it rests on in the end. */
export interface FairVerdict {
  readonly verdict: CoverageVerdict;
  readonly measurement: MeasureOutcome;
}

export interface FairRequest {
  readonly measuring: MeasureRequest;
  /** Everything that is judged, with the first measurement. */
  readonly asked: CoverageVerdictRequest;
  /** The commit of main the change starts from. */
  readonly start: string;
  /** What happened to each file between the baseline's last commit and `start`; null: not known. */
  readonly startSinceBaseline: PatchMap | null;
}

const measure = neverRaise('coverage-gate.measureCoverage', measureCoverage);

/** Rules that another run of the command cannot change. */
const FIXED: readonly CoverageRule[] = ['pragmas', 'config'];

/** Runs the command at most twice more: once on the start of the change, once on its commit. */
export async function judgeFairly(request: FairRequest): Promise<FairVerdict> {
  const { asked } = request;
  const first = await inTurns(judging(asked));
  if (first.kind === 'unknown') return judgeUnknown(request, first);
  if (first.kind !== 'eroded') return { verdict: first, measurement: asked.measurement };
  const against = (await needsStart(request, first)) ? { ...asked, baseTree: await startTree(request) } : asked;
  const second = against === asked ? first : await inTurns(judging(against));
  if (second.kind !== 'eroded' || second.broken.every((rule) => FIXED.includes(rule))) {
    return { verdict: second, measurement: asked.measurement };
  }
  return confirm(request, against);
}

/** Unknown of the change while its start measures well: the change is in the way of its own measurement. */
async function judgeUnknown(request: FairRequest, first: CoverageVerdict): Promise<FairVerdict> {
  const { asked } = request;
  const { failClosed, onUnknown } = asked.policy;
  if (failClosed || onUnknown === 'open') return { verdict: first, measurement: asked.measurement };
  const baseMeasures = (await isLastLanded(request)) || (await measureStart(request)).kind === 'measured';
  return { verdict: await inTurns(judging({ ...asked, baseMeasures })), measurement: asked.measurement };
}

/** The failing commit is run again; a line that either run covers is covered. */
async function confirm({ measuring }: FairRequest, asked: CoverageVerdictRequest): Promise<FairVerdict> {
  const { measurement } = asked;
  const again = await measure(measuring);
  if (measurement.kind !== 'measured') return { verdict: await inTurns(judging(asked)), measurement };
  if (again.kind === 'measured') {
    const united = unite(measurement, again);
    return { verdict: await inTurns(judging({ ...asked, measurement: united })), measurement: united };
  }
  const verdict = await inTurns(judging({ ...asked, measurement: again }));
  if (verdict.kind !== 'unknown') return { verdict, measurement: again };
  const reason = `the first run fails the coverage rules, and a second cannot confirm it: ${verdict.reason}`;
  return { verdict: { ...verdict, failClosed: true, reason }, measurement: again };
}

function unite(first: MeasuredOutcome, second: MeasuredOutcome): MeasuredOutcome {
  const { evidence } = second;
  return {
    kind: 'measured',
    measured: uniteRuns(first.measured, second.measured),
    evidence: {
      ...evidence,
      runs: [...first.evidence.runs, ...evidence.runs],
      diagnostics: [...evidence.diagnostics, 'a failing first run was repeated; what either run covers is covered'],
    },
  };
}

/** The start's own uncovered lines decide when the budget is overrun and the record may be about something else. */
async function needsStart(request: FairRequest, verdict: CoverageVerdict): Promise<boolean> {
  if (verdict.kind !== 'eroded' || !verdict.broken.includes('baseline')) return false;
  return verdict.shrunk.length + verdict.vanished.length > 0 || !(await isLastLanded(request));
}

async function isLastLanded({ measuring, asked, start }: FairRequest): Promise<boolean> {
  if (asked.baseline === null || !comparable(asked)) return false;
  const { git: repo, signal } = measuring;
  const found = await resolveCommit({ repo, ref: start, signal });
  return found.kind === 'found' && found.tree === asked.baseline.last.tree;
}

async function startTree(request: FairRequest): Promise<NonNullable<CoverageVerdictRequest['baseTree']> | null> {
  const { asked, startSinceBaseline } = request;
  const base = await measureStart(request);
  if (base.kind !== 'measured') return null;
  const baseline: Baseline | null = comparable(asked) ? asked.baseline : null;
  const since = { sinceBaseline: startSinceBaseline, policy: asked.policy };
  const { counts } = await inTurns(settleMissing(base.measured, baseline, since));
  const { covered, total } = counts;
  return { uncovered: total - covered, total };
}

const measureStart = ({ measuring, start }: FairRequest): Promise<MeasureOutcome> =>
  measure({ ...measuring, commit: start });
