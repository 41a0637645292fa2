/** Names of earlier versions, kept for one release. */
export type {
  /** @deprecated Use `CoverageVerdictRequest`. */
  CoverageVerdictRequest as VerdictRequest,
} from './compute-verdict.ts';
export type {
  /** @deprecated Use `CoverageJudgement`. */
  CoverageJudgement as Judgement,
  /** @deprecated Use `LineCounts`. */
  LineCounts as Counts,
} from './verdict.ts';
export type {
  /** @deprecated Use `CoverageReportRequest`. */
  CoverageReportRequest as ReportRequest,
} from './write-report.ts';
