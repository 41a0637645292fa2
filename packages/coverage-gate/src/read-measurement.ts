/** A report that stands there already, as a measurement of a commit: nothing is run, and nothing proves that it is about that commit. */
import type { GitRepo } from '@gatehouse/git';
import { gitInfra } from './coverage-run.ts';
import { measuredOf } from './measure.ts';
import { MILLION } from './percent.ts';
import { readCommitFiles } from './placing/commit-files.ts';
import { placeReport } from './placing/place-report.ts';
import { readReport } from './read-report.ts';
import type { MeasureOutcome } from './verdict.ts';

/** What may be given to `readMeasurement`. */
export interface ReadMeasurementRequest {
  /** The mirror that holds the commit. */
  readonly git: GitRepo;
  /** The commit that the report is said to be about; full object name. */
  readonly commit: string;
  /** Path of the report. */
  readonly report: string;
  /** Absolute path of the folder that the report was made in. */
  readonly root: string;
  /** Ends the call early. */
  readonly signal?: AbortSignal;
}

/** See `readMeasurement` in index.ts. */
export async function readMeasurement(request: ReadMeasurementRequest): Promise<MeasureOutcome> {
  const { report, root, commit } = request;
  const files = await readCommitFiles(request);
  if (files.kind === 'git-failed') return gitInfra(files);
  if (files.kind === 'crashed') return files;
  const read = await readReport(report);
  if (read.kind === 'unreadable')
    return { kind: 'unknown', why: 'report-unreadable', reason: `${report}: ${read.reason}` };
  if (read.truncated)
    return { kind: 'unknown', why: 'report-truncated', reason: `${report} ends before its own end mark` };
  const folder = report.startsWith(`${root}/`)
    ? { folder: report.slice(root.length + 1).replace(/(^|\/)[^/]*$/, '') }
    : {};
  const placed = await placeReport(request, files, { report: read, place: { roots: [root], ...folder } });
  if (placed.kind === 'git-failed') return gitInfra(placed);
  if (placed.kind === 'crashed') return placed;
  // Who looks is told what is unplaced, and is shown the rest.
  const now = {
    request: { commit, policy: { maxUnplacedPpm: MILLION } },
    files,
    tree: '',
    runs: [],
    diagnostics: [],
    report,
  };
  return measuredOf(now, read, placed);
}
