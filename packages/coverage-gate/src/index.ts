/**
 * The exports of the coverage gate. The outcomes are in verdict.ts; start there. What runs commands and git, or writes
 * the report, is loaded by its first call: who only reads one needs none of it.
 */
import type { WriteAnswer } from '@gatehouse/artefact';
import type { CommandRun } from '@gatehouse/gate-run';
import type { GitFailed } from '@gatehouse/git';
import { type CheckVerdict, type Crashed, neverRaise } from '@gatehouse/verdict';
import { answerAlways } from './adapters/answer-always.ts';
import type { ReportBytes } from './adapters/report-source.ts';
import { type Calibration, calibrateEpsilon as calibrate } from './calibrate.ts';
import type { BranchCoverage, BranchCoverageRequest } from './check-branch-coverage.ts';
import { coverageCheckVerdict as checkVerdict } from './check-verdict.ts';
import { commandHash as hashOf } from './command-hash.ts';
import { compareReports as compare, type ReportComparison } from './compare-reports.ts';
import { type CoverageVerdictRequest, computeCoverageVerdict as compute } from './compute-verdict.ts';
import type { LeftReportRequest, MeasureRequest } from './measure.ts';
import { formatShare as format, ppmOf as share } from './percent.ts';
import type { PlacedOnCommit, PlaceRequest } from './placing/place-on-commit.ts';
import { type RatchetOutcome, type RatchetRequest, ratchetBaseline as ratchet } from './ratchet.ts';
import type { ReadMeasurementRequest } from './read-measurement.ts';
import type { ReadOptions } from './read-report.ts';
import { reportPathFault as pathFault } from './report-path.ts';
import type { Tampering, TamperingRequest } from './tampering.ts';
import type {
  CoveragePolicy,
  CoverageVerdict,
  LineCounts,
  Measured,
  MeasureOutcome,
  ReadReport,
  UnreadableReport,
} from './verdict.ts';
import type { CoverageReportRequest } from './write-report.ts';

export type { CommandRun } from '@gatehouse/gate-run';
export type { LineRange } from '@gatehouse/git';
export { fileBaseline } from './adapters/baseline-file.ts';
export type { ReportBytes } from './adapters/report-source.ts';
export type { Baseline, FlappingLines } from './baseline-record.ts';
export type { Calibration } from './calibrate.ts';
export type { BranchCoverage, BranchCoverageRequest, CommitMeasurement } from './check-branch-coverage.ts';
export { REPORT_NAME } from './check-verdict.ts';
export type { FileComparison, ReportComparison } from './compare-reports.ts';
export type { CoverageVerdictRequest } from './compute-verdict.ts';
export type { Counts, Judgement, ReportRequest, VerdictRequest } from './deprecated.ts';
export type { LeftReportRequest, MeasureRequest } from './measure.ts';
export { type ParsedPercent, percentToPpm } from './percent.ts';
export type { StaleFile } from './placing/line-limits.ts';
export type { PlacedOnCommit, PlaceRequest } from './placing/place-on-commit.ts';
export type { NameCount, Placing } from './placing/placing-words.ts';
export type { BaselinePort, RatchetOutcome, RatchetRequest } from './ratchet.ts';
export type { ReadMeasurementRequest } from './read-measurement.ts';
export type { ReadOptions } from './read-report.ts';
export type { ReportFormat } from './readers/detect-format.ts';
export type { LineSet, ModuleFile, ReadLimits } from './readers/report-lines.ts';
export type { FileRule, FindingPolicy, FindingRule, LabelRule } from './rule-policy.ts';
export type { Tampering, TamperingRequest } from './tampering.ts';
export type { CoveragePart } from './unite-measurements.ts';
export type {
  CoverageJudgement,
  CoveragePolicy,
  CoverageRule,
  CoverageVerdict,
  FileCounts,
  FilePatch,
  InfraOutcome,
  LineCounts,
  Measured,
  MeasuredOutcome,
  MeasureEvidence,
  MeasureOutcome,
  PartJudgement,
  PatchJudgement,
  PatchMap,
  PatchPolicy,
  Pragma,
  ReadReport,
  UnknownOutcome,
  UnknownWhy,
  UnreadableReport,
} from './verdict.ts';
export type { WorseFile } from './worse-files.ts';
export type { CoverageReportRequest } from './write-report.ts';

/** @deprecated Use `CommandRun` of @gatehouse/gate-run. */
export type RecordedRun = CommandRun;

/**
 * Reads the report at a path or in memory. Summaries a tool printed are not believed; duplicate records are a union.
 * `unreadable`: missing, not a regular file, an unknown format, broken, or beyond a limit.
 *
 * @example
 * ```ts
 * import { formatShare, readReport } from '@gatehouse/coverage-gate';
 *
 * const lcov = ['SF:src/sign.js', 'DA:1,4', 'DA:2,0', 'end_of_record', ''].join('\n');
 * const report = await readReport({ bytes: new TextEncoder().encode(lcov), name: 'lcov.info' });
 * console.log(report.kind === 'read' ? formatShare(report) : report); // 50.00 % (1/2)
 * ```
 */
export const readReport: (
  from: string | ReportBytes,
  options?: ReadOptions,
) => Promise<ReadReport | UnreadableReport | Crashed> = neverRaise(
  'coverage-gate.readReport',
  async (from: string | ReportBytes, options?: ReadOptions) =>
    (await import('./read-report.ts')).readReport(from, options),
);

/**
 * Judges a measurement by the rules `absolute` (a least share), `baseline` (no erosion), `patch` and the findings with a policy. Pure. A
 * request that makes no sense is `crashed`.
 */
export const computeCoverageVerdict: (request: CoverageVerdictRequest) => CoverageVerdict = answerAlways(
  'coverage-gate.computeCoverageVerdict',
  compute,
  (crash) => crash,
);

/** Translates a verdict for the engine. `passed` opens; `unknown` opens with a warning unless the policy is closed; a crash is an error. */
export const coverageCheckVerdict: (verdict: CoverageVerdict) => CheckVerdict = answerAlways(
  'coverage-gate.coverageCheckVerdict',
  checkVerdict,
  checkVerdict,
);

/** The whole gate on one commit: measures it, judges it against the baseline, looks for tampering, and writes the report. */
export const checkBranchCoverage: (request: BranchCoverageRequest) => Promise<BranchCoverage | Crashed> = neverRaise(
  'coverage-gate.checkBranchCoverage',
  async (request: BranchCoverageRequest) => (await import('./check-branch-coverage.ts')).checkBranchCoverage(request),
);

/** Runs the coverage command on a commit and reads its report. A timeout or a kill is tried once more in a fresh checkout. */
export const measureCoverage: (request: MeasureRequest) => Promise<MeasureOutcome> = neverRaise(
  'coverage-gate.measureCoverage',
  async (request: MeasureRequest) => (await import('./measure.ts')).measureCoverage(request),
);

/**
 * Places the names of a report on the files of a commit; nothing is run. A name that fits no file of it, or several, counts nowhere and is
 * in `placing`, and so are lines that a file does not have.
 */
export const placeOnCommit: (request: PlaceRequest) => Promise<PlacedOnCommit | GitFailed | Crashed> = neverRaise(
  'coverage-gate.placeOnCommit',
  async (request: PlaceRequest) => (await import('./placing/place-on-commit.ts')).placeOnCommit(request),
);

/** Reads the report that a green run of another gate left in the slot. `unknown`: nothing there can be believed; measure instead. */
export const readLeftReport: (request: LeftReportRequest) => Promise<MeasureOutcome> = neverRaise(
  'coverage-gate.readLeftReport',
  async (request: LeftReportRequest) => (await import('./measure.ts')).readLeftReport(request),
);

/**
 * Takes a report that stands there as the measurement of a commit, without running anything: for looking at a report, not for a gate,
 * since nothing proves that it is about that commit.
 */
export const readMeasurement: (request: ReadMeasurementRequest) => Promise<MeasureOutcome> = neverRaise(
  'coverage-gate.readMeasurement',
  async (request: ReadMeasurementRequest) => (await import('./read-measurement.ts')).readMeasurement(request),
);

/** Which files and lines two reports say differently. Files are compared by the names that the reports give them. */
export const compareReports: (before: ReadReport, after: ReadReport) => ReportComparison | Crashed = answerAlways(
  'coverage-gate.compareReports',
  (before: ReadReport, after: ReadReport): ReportComparison | Crashed => compare(before, after),
  (crash) => crash,
);

/** How much several runs of one commit differ, and the tolerance that this asks for. At least one run that measured a line. */
export const calibrateEpsilon: (runs: readonly Measured[]) => Calibration | Crashed = answerAlways(
  'coverage-gate.calibrateEpsilon',
  (runs: readonly Measured[]): Calibration | Crashed => calibrate(runs),
  (crash) => crash,
);

/** Finds changes to the measurement itself: comments and configuration that switch it off. Reads at most 500 changed files of 2 MiB. */
export const findTampering: (request: TamperingRequest) => Promise<Tampering | GitFailed | Crashed> = neverRaise(
  'coverage-gate.findTampering',
  async (request: TamperingRequest) => (await import('./tampering.ts')).findTampering(request),
);

/**
 * Records a landed measurement under the lease it was landed under. At or above the mark: mark and reference move there. Smaller with no more
 * uncovered lines: the reference moves. `stale`: others wrote all the time, ask again.
 */
export const ratchetBaseline: (request: RatchetRequest) => Promise<RatchetOutcome | Crashed> = neverRaise(
  'coverage-gate.ratchetBaseline',
  ratchet,
);

/** Writes the report for people and machines; `refused` when one already stands there and `mode` is not `replace`. */
export const writeCoverageReport: (request: CoverageReportRequest) => Promise<WriteAnswer | Crashed> = neverRaise(
  'coverage-gate.writeCoverageReport',
  async (request: CoverageReportRequest) => (await import('./write-report.ts')).writeCoverageReport(request),
);

/** Names what produced a measurement, as hex SHA-256; empty for something that is no policy. */
export const commandHash: (policy: Pick<CoveragePolicy, 'setup' | 'command' | 'report' | 'parts'>) => string =
  answerAlways('coverage-gate.commandHash', hashOf, () => '');

/** Why a path is no place for a report inside a checkout, in words for the author of a policy; null when it is one. */
export const reportPathFault: (path: string) => string | null = answerAlways(
  'coverage-gate.reportPathFault',
  pathFault,
  () => 'is no text',
);

/** Covered of total in parts per million, rounded down; 0 for something that is no pair of counts. */
export const ppmOf: (counts: LineCounts) => number = answerAlways('coverage-gate.ppmOf', share, () => 0);

/** `78.24 % (391/500)`, rounded down; `n/a` for something that is no pair of counts. */
export const formatShare: (counts: LineCounts) => string = answerAlways(
  'coverage-gate.formatShare',
  format,
  () => 'n/a',
);
