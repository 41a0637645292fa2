/** Names of earlier versions, kept for one release. */
export type {
  /** @deprecated Use `SecurityVerdictRequest`. */
  SecurityVerdictRequest as VerdictRequest,
} from './compute-verdict.ts';
export type {
  /** @deprecated Use `SecurityReportRequest`. */
  SecurityReportRequest as ReportRequest,
} from './report.ts';
export type {
  /** @deprecated Use `ScanFailed`. */
  ScanFailed as ToolFailed,
} from './verdict.ts';
