/**
 * The whole gate on one commit: measure it, compare it with the baseline and its base, look for tampering, write the
 * report. The measurement of a commit that may land is answered too: the ratchet after the landing needs it.
 */
import { diffLines, mergeBase, resolveCommit } from '@gatehouse/git';
import { type CheckVerdict, describeCrash, neverRaise, type TestedCommits } from '@gatehouse/verdict';
import { coverageCheckVerdict, REPORT_NAME } from './check-verdict.ts';
import { commandHash } from './command-hash.ts';
import { comparable } from './compute-verdict.ts';
import { gitInfra } from './coverage-run.ts';
import { judgeFairly } from './fair-verdict.ts';
import { type MeasureRequest, measureCoverage } from './measure.ts';
import { landedMeasurement } from './missing-lines.ts';
import { readCommitFiles } from './placing/commit-files.ts';
import type { BaselinePort } from './ratchet.ts';
import { findTampering } from './tampering.ts';
import type { CoverageVerdict, Measured, MeasureOutcome, PatchMap } from './verdict.ts';
import { writeCoverageReport } from './write-report.ts';

/** What may be given to `checkBranchCoverage`. */
export interface BranchCoverageRequest extends MeasureRequest {
  /** Full object name of the commit of main. */
  readonly base: string;
  /** The author's commit; `commit` is the one that is measured and would land. */
  readonly head: string;
  /** The baseline kept for one coverage command (its hash). */
  readonly baseline: (commandHash: string) => Pick<BaselinePort, 'read'>;
  /** What an earlier run of the same commit measured; without it the command is run. */
  readonly measurement?: MeasureOutcome;
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
  const measurement = await firstMeasurement(request);
  const start = await startOf(request);
  if (typeof start !== 'string') return start;
  const range = { base: start, head: commit, ...(signal === undefined ? {} : { signal }) };
  const patch = await diffLines({ repo: git, ...range });
  if (patch.kind === 'crashed') return undecided('crashed', describeCrash(patch));
  if (patch.kind !== 'diffed') return unlisted(patch.trouble);
  const tampering = await inspect({ git, ...range, patch: patch.files });
  if (tampering.kind === 'crashed') return undecided('crashed', describeCrash(tampering));
  if (tampering.kind !== 'inspected') return unlisted(tampering.trouble);
  const hash = commandHash(policy);
  const baseline = await request.baseline(hash).read();
  const last = baseline?.last.commit;
  const sinceBaseline = last === start ? patch.files : await changes(request, last, commit);
  const startSinceBaseline = last === start ? new Map() : await changes(request, last, start);
  const { pragmas, configs, continued, unread } = tampering;
  const commits: TestedCommits = { base, head, tested: commit };
  const since = { patch: patch.files, sinceBaseline, policy };
  const found = { pragmas, configs, continued, unread };
  const asked = { ...found, ...since, measurement, baseline, commandHash: hash, commits };
  const fair = await judgeFairly({ measuring: request, asked, start, startSinceBaseline });
  const kept = comparable(asked) ? baseline : null;
  return report(request, { ...fair, hash, commits, landed: (measured) => landedMeasurement(measured, kept, since) });
}

/** What an earlier run measured, with the files of the commit, so that one that vanished is noticed. */
async function firstMeasurement(request: BranchCoverageRequest): Promise<MeasureOutcome> {
  const { measurement } = request;
  if (measurement === undefined) return measure(request);
  if (measurement.kind !== 'measured' || measurement.measured.tracked !== undefined) return measurement;
  const files = await readCommitFiles(request);
  if (files.kind === 'git-failed') return gitInfra(files);
  if (files.kind === 'crashed') return files;
  return { ...measurement, measured: { ...measurement.measured, tracked: files.tracked } };
}

/** What the change is counted from: the newest commit that it shares with main. */
async function startOf({ git: repo, base, commit, signal }: BranchCoverageRequest): Promise<string | BranchCoverage> {
  const found = await mergeBase({ repo, a: base, b: commit, signal });
  switch (found.kind) {
    case 'found':
      return found.sha;
    case 'unrelated':
      return base;
    case 'git-failed':
      return unlisted(found.trouble);
    case 'crashed':
      return undecided('crashed', describeCrash(found));
  }
}

/** Null where that is not known: the commit of the record is not in this repository any more. */
async function changes(
  { git: repo, signal }: BranchCoverageRequest,
  from: string | undefined,
  head: string,
): Promise<PatchMap | null> {
  if (from === undefined) return null;
  const known = await resolveCommit({ repo, ref: from, signal });
  if (known.kind !== 'found') return null;
  const diff = await diffLines({ repo, base: known.sha, head, signal });
  return diff.kind === 'diffed' ? diff.files : null;
}

interface Judged {
  readonly verdict: CoverageVerdict;
  readonly measurement: MeasureOutcome;
  readonly hash: string;
  readonly commits: TestedCommits;
  readonly landed: (measured: Measured) => Promise<Measured>;
}

async function report(
  { reportsDir: dir, commit }: BranchCoverageRequest,
  { verdict, measurement, hash, commits, landed }: Judged,
): Promise<BranchCoverage> {
  const evidence = 'evidence' in measurement ? measurement.evidence : undefined;
  const written = await writeReport({ dir, verdict, commits, ...(evidence === undefined ? {} : { evidence }) });
  if (written.kind === 'crashed') return undecided('crashed', describeCrash(written));
  if (written.kind !== 'written')
    return undecided('tool-failed', `the coverage report cannot be written: ${written.reason}`);
  const kept =
    measurement.kind === 'measured'
      ? { commit, tree: measurement.evidence.tree, commandHash: hash, measured: await landed(measurement.measured) }
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
