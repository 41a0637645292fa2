/**
 * The whole gate on one commit: measure it, compare it with the baseline and its base, look for tampering, write the
 * report. The measurement of a commit that may land is answered too: the ratchet after the landing needs it.
 */
import { diffLines, resolveCommit } from '@gatehouse/git';
import { type CheckVerdict, describeCrash, neverRaise, type TestedCommits } from '@gatehouse/verdict';
import type { Baseline } from './baseline-record.ts';
import { coverageCheckVerdict, REPORT_NAME } from './check-verdict.ts';
import { commandHash } from './command-hash.ts';
import { computeCoverageVerdict } from './compute-verdict.ts';
import { type MeasureRequest, measureCoverage } from './measure.ts';
import type { BaselinePort } from './ratchet.ts';
import { findTampering } from './tampering.ts';
import type { CoverageVerdict, Measured, MeasureOutcome } from './verdict.ts';
import { writeCoverageReport } from './write-report.ts';

/** What may be given to `checkBranchCoverage`. */
export interface BranchCoverageRequest extends MeasureRequest {
  /** Full object name of the commit of main. */
  readonly base: string;
  /** The author's commit; `commit` is the one that is measured and would land. */
  readonly head: string;
  /** The baseline kept for one coverage command (its hash). */
  readonly baseline: (commandHash: string) => Pick<BaselinePort, 'read'>;
  /** The caller's own store; the report goes there as `18-coverage-report.md`. */
  readonly reportsDir: string;
}

/** What was measured of the commit that would land. */
export interface CommitMeasurement {
  /** Full object name of the commit. */
  readonly commit: string;
  /** Tree object name of the commit. */
  readonly tree: string;
  /** Names what produced a measurement, as hex SHA-256; see `commandHash`. */
  readonly commandHash: string;
  /** What the tests covered. */
  readonly measured: Measured;
}

/** The gate was asked, and answered. */
export interface BranchCoverage {
  readonly kind: 'checked';
  /** What it means for the change. */
  readonly verdict: CheckVerdict;
  /** Null: nothing was measured, or the report could not be written. */
  readonly measurement: CommitMeasurement | null;
}

const measure = neverRaise('coverage-gate.measureCoverage', measureCoverage);
const inspect = neverRaise('coverage-gate.findTampering', findTampering);
const writeReport = neverRaise('coverage-gate.writeCoverageReport', writeCoverageReport);

/** See `checkBranchCoverage` in index.ts. */
export async function checkBranchCoverage(request: BranchCoverageRequest): Promise<BranchCoverage> {
  const { git, base, head, commit, policy, signal } = request;
  const measurement = await measure(request);
  const range = { base, head: commit, ...(signal === undefined ? {} : { signal }) };
  const patch = await diffLines({ repo: git, ...range });
  if (patch.kind === 'crashed') return undecided('crashed', describeCrash(patch));
  if (patch.kind !== 'diffed') return unlisted(patch.trouble);
  const tampering = await inspect({ git, ...range, patch: patch.files });
  if (tampering.kind === 'crashed') return undecided('crashed', describeCrash(tampering));
  const hash = commandHash(policy);
  const baseline = await request.baseline(hash).read();
  const found = tampering.kind === 'inspected' ? { pragmas: tampering.pragmas, configs: tampering.configs } : {};
  const commits: TestedCommits = { base, head, tested: commit };
  const asked = { policy, measurement, baseline, patch: patch.files, commandHash: hash, commits, ...found };
  const first = computeCoverageVerdict(asked);
  const verdict = (await needsBaseTree(request, first, baseline))
    ? computeCoverageVerdict({ ...asked, baseTree: await baseTree(request) })
    : first;
  return report(request, { verdict, measurement, hash, commits });
}

/** The uncovered lines of the base decide only when the budget is overrun and the record is about another tree. */
async function needsBaseTree(
  { git, base }: BranchCoverageRequest,
  verdict: CoverageVerdict,
  baseline: Baseline | null,
): Promise<boolean> {
  if (verdict.kind !== 'eroded' || !verdict.broken.includes('baseline') || baseline === null) return false;
  const found = await resolveCommit({ repo: git, ref: base });
  return found.kind === 'found' && found.tree !== baseline.last.tree;
}

async function baseTree(request: BranchCoverageRequest) {
  const base = await measure({ ...request, commit: request.base });
  if (base.kind !== 'measured') return null;
  return { uncovered: base.measured.total - base.measured.covered, total: base.measured.total };
}

interface Judged {
  readonly verdict: CoverageVerdict;
  readonly measurement: MeasureOutcome;
  readonly hash: string;
  readonly commits: TestedCommits;
}

async function report(
  { reportsDir: dir, commit }: BranchCoverageRequest,
  { verdict, measurement, hash, commits }: Judged,
): Promise<BranchCoverage> {
  const evidence = 'evidence' in measurement ? measurement.evidence : undefined;
  const written = await writeReport({ dir, verdict, commits, ...(evidence === undefined ? {} : { evidence }) });
  if (written.kind === 'crashed') return undecided('crashed', describeCrash(written));
  if (written.kind !== 'written')
    return undecided('tool-failed', `the coverage report cannot be written: ${written.reason}`);
  const kept =
    measurement.kind === 'measured'
      ? { commit, tree: measurement.evidence.tree, commandHash: hash, measured: measurement.measured }
      : null;
  return {
    kind: 'checked',
    verdict: { ...coverageCheckVerdict(verdict), artefact: REPORT_NAME },
    measurement: kept,
  };
}

const plain = { findings: [], warnings: [] } as const;

const undecided = (cause: 'crashed' | 'tool-failed', reason: string): BranchCoverage => ({
  kind: 'checked',
  verdict: { status: 'error', cause, reason, ...plain },
  measurement: null,
});

const unlisted = (trouble: string): BranchCoverage => ({
  kind: 'checked',
  verdict: { status: 'defer', cause: 'infra', reason: `the change cannot be listed: git ${trouble}`, ...plain },
  measurement: null,
});
