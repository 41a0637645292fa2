/**
 * Measures one commit: checkout → setup → command → one fresh report, read once. Nothing that stood in the slot before,
 * that was committed, or that a survivor of the command could still change is ever believed.
 */
import type { CommandRun, RunLimits } from '@gatehouse/gate-run';
import type { GitRepo } from '@gatehouse/git';
import { type Finding, invariant } from '@gatehouse/verdict';
import { findReports, isPattern } from './adapters/report-paths.ts';
import { openReport } from './adapters/report-source.ts';
import { clearReport, fileClockNs, linkOnTheWay, rootNames } from './adapters/slot-files.ts';
import { eachInTurns, inTurns } from './adapters/turns.ts';
import { recordInTurns } from './baseline-record.ts';
import { gitInfra, runCommands } from './coverage-run.ts';
import { formatPpm } from './percent.ts';
import { type CommitFiles, readCommitFiles } from './placing/commit-files.ts';
import { type PlacedReport, placeReport } from './placing/place-report.ts';
import {
  isTooUncertain,
  listed,
  MAX_EXAMPLES,
  MAX_UNPLACED_PPM,
  placingFindings,
  placingWords,
  uncertainLines,
} from './placing/placing-words.ts';
import { readSourceAside } from './read-report.ts';
import { countLines, type LineSet } from './readers/report-lines.ts';
import { reportPathFault } from './report-path.ts';
import { countByLabel, uniteMeasurements } from './unite-measurements.ts';
import type {
  CoveragePolicy,
  FileCounts,
  MeasuredOutcome,
  MeasureEvidence,
  MeasureOutcome,
  ReadReport,
  UnknownOutcome,
  UnknownWhy,
} from './verdict.ts';

/** The limits hold for every command of the measurement. */
export interface MeasureRequest extends RunLimits {
  /** The mirror that holds the commit. */
  readonly git: GitRepo;
  /** Absolute path of a slot this call may empty and fill. */
  readonly slotDir: string;
  /** The commit that is measured; full object name. */
  readonly commit: string;
  /** What the gate runs and demands; from the operator or from base. */
  readonly policy: CoveragePolicy;
  /** Untracked paths that survive the cleaning of the slot; see `checkoutSlot`. */
  readonly keep?: readonly string[];
  /** Where log files are written, one per command; without it none are. */
  readonly logDir?: string;
  /** Told of every command as it ends. */
  readonly onRun?: (run: CommandRun) => void | Promise<void>;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

/** What may be given to `readLeftReport`. */
export interface LeftReportRequest extends MeasureRequest {
  /** The run that may have written the report. */
  readonly run: CommandRun;
}

/**
 * A timeout or a kill is tried once more in a fresh checkout; everything else is answered as it is. Several measurements are united;
 * the first that could not be made is the answer.
 */
export async function measureCoverage(request: MeasureRequest): Promise<MeasureOutcome> {
  const { parts = [], label = '', ...own } = request.policy;
  const measured: (MeasuredOutcome & { readonly label: string })[] = [];
  for (const part of [{ label, command: own.command, report: own.report }, ...parts]) {
    const { command, report } = part;
    const one = await measureOne({ ...request, policy: { ...own, command, report } });
    if (one.kind === 'unknown' && part.label !== '') return { ...one, reason: `${part.label}: ${one.reason}` };
    if (one.kind !== 'measured') return one;
    measured.push({ ...one, label: part.label });
  }
  const byLabel = countByLabel(measured);
  const [first, ...others] = measured.map(({ label: _, ...one }) => one);
  invariant(first !== undefined, 'at least one measurement is asked for');
  const united = uniteMeasurements(first, others);
  const isLabelled = Object.keys(byLabel).length > 0;
  return isLabelled ? { ...united, measured: { ...united.measured, byLabel } } : united;
}

async function measureOne(request: MeasureRequest): Promise<MeasureOutcome> {
  invariant(areInside(reportsOf(request.policy)), 'report is a path inside the slot');
  const runs: CommandRun[] = [];
  const first = await attempt(request, runs);
  return first.kind === 'unknown' && RETRIED.includes(first.why) ? attempt(request, runs) : first;
}

const areInside = (reports: readonly string[]): boolean =>
  reports.length > 0 && reports.every((report) => reportPathFault(report) === null);

const reportsOf = ({ report }: Pick<CoveragePolicy, 'report'>): readonly string[] =>
  typeof report === 'string' ? [report] : report;

const RETRIED: readonly UnknownWhy[] = ['timeout', 'killed'];

/** What one attempt knows so far. */
interface Attempt {
  readonly request: MeasureRequest;
  readonly files: CommitFiles;
  /** Empty until the commit was laid out. */
  readonly tree: string;
  readonly runs: readonly CommandRun[];
  readonly diagnostics: readonly string[];
}

/** The same with one of its reports. */
type AttemptAt = Omit<Attempt, 'request'> & { readonly request: MeasureRequest; readonly report: string };

async function attempt(request: MeasureRequest, runs: CommandRun[]): Promise<MeasureOutcome> {
  const { slotDir } = request;
  const files = await readCommitFiles(request);
  if (files.kind === 'git-failed') return gitInfra(files);
  if (files.kind === 'crashed') return files;
  let startedNs = 0n;
  const prepare = async (): Promise<string | null> => {
    startedNs = await fileClockNs(slotDir);
    return clearReports(request, files.tracked);
  };
  const ended = await runCommands(request, { prepare, runs });
  const now: Attempt = { request, files, runs, tree: '', diagnostics: [] };
  switch (ended.kind) {
    case 'done':
      return readAll({ ...now, tree: ended.tree, diagnostics: ended.diagnostics }, startedNs);
    case 'unknown':
      return { ...unknown({ ...now, tree: ended.run.tree ?? '' }, ended.why, ended.reason), run: ended.run };
    case 'blocked':
      return unknown({ ...now, tree: ended.tree }, 'report-not-a-file', ended.reason);
    case 'infra':
    case 'crashed':
      return ended;
  }
}

/**
 * Reads the report that a run of another gate left in the slot, where nothing was laid out since. `unknown`: nothing
 * there can be believed, and the coverage command has to be run.
 */
export async function readLeftReport(request: LeftReportRequest): Promise<MeasureOutcome> {
  const { run, policy } = request;
  invariant(areInside(reportsOf(policy)), 'report is a path inside the slot');
  const files = await readCommitFiles(request);
  if (files.kind === 'git-failed') return gitInfra(files);
  if (files.kind === 'crashed') return files;
  const now: Attempt = { request, files, tree: run.tree ?? '', runs: [run], diagnostics: [] };
  if (run.outcome !== 'green') return unknown(now, 'command-failed', `the run ended ${run.outcome}: ${run.reason}`);
  if (run.commit !== request.commit) return unknown(now, 'report-stale', `the run was on ${run.commit}`);
  if (run.leftovers > 0) return unknown(now, 'survivors', `the run left ${run.leftovers} processes behind`);
  if ((policy.parts?.length ?? 0) > 0) return unknown(now, 'report-missing', 'one run does not measure several parts');
  return readAll(now, BigInt(run.startedAt - CLOCK_LAG_MS) * 1_000_000n);
}

/** The clock of a file system is behind that of processes by up to a tick of the kernel, and a service rounds. */
const CLOCK_LAG_MS = 20;

/** Removes what the reports' names stand for, so that what is found there later was made by the command; why not, or null. */
async function clearReports(request: MeasureRequest, tracked: ReadonlySet<string>): Promise<string | null> {
  for (const report of reportsOf(request.policy)) {
    const found = await findReports(request.slotDir, report);
    if (found.kind === 'too-many') return found.reason;
    for (const path of reportsAmong(found.paths, report, tracked)) {
      const cleared = await clearReport(request.slotDir, path);
      if (cleared.kind === 'blocked') return cleared.reason;
    }
  }
  return null;
}

/** A pattern may fit files of the commit, too; those are no reports. */
const reportsAmong = (paths: readonly string[], report: string, tracked: ReadonlySet<string>): readonly string[] =>
  isPattern(report) ? paths.filter((path) => !tracked.has(path)) : paths;

/** Every report that the policy names, united. */
async function readAll(now: Attempt, startedNs: bigint): Promise<MeasureOutcome> {
  const measured: MeasuredOutcome[] = [];
  for (const report of reportsOf(now.request.policy)) {
    const found = await findReports(now.request.slotDir, report);
    if (found.kind === 'too-many') return unknown(now, 'report-unreadable', found.reason);
    const paths = reportsAmong(found.paths, report, now.files.tracked);
    if (paths.length === 0) return unknown(now, 'report-missing', `the coverage command wrote no file like ${report}`);
    for (const path of paths) {
      const one = await readFresh({ ...now, report: path }, startedNs);
      if (one.kind !== 'measured') return one;
      measured.push(one);
    }
  }
  const [first, ...others] = measured;
  invariant(first !== undefined, 'every name of a report stands for a file');
  return uniteMeasurements(first, others);
}

/** The report, if it is a plain file that appeared while the command ran. */
async function readFresh(now: AttemptAt, startedNs: bigint): Promise<MeasureOutcome> {
  const { slotDir: dir } = now.request;
  const { report } = now;
  const { blobs } = now.files;
  const blocked = await linkOnTheWay(dir, report);
  if (blocked !== null) return unknown(now, 'report-not-a-file', blocked);
  const opened = await openReport(`${dir}/${report}`);
  if (opened.kind === 'missing') return unknown(now, 'report-missing', `the coverage command wrote no ${report}`);
  if (opened.kind === 'not-a-file') return unknown(now, 'report-not-a-file', opened.reason);
  const { changedNs, linkCount } = opened.source;
  if (linkCount !== 1 || changedNs < startedNs) {
    await opened.source.close();
    return changedNs < startedNs
      ? unknown(now, 'report-stale', `${report} is older than the run`)
      : unknown(now, 'report-not-a-file', `${report} has more than one name`);
  }
  const gitHash = now.request.commit.length === 64 ? 'sha256' : 'sha1';
  const read = await readSourceAside(opened.source, { gitHash });
  if (read.kind === 'unreadable') return unknown(now, 'report-unreadable', `${report}: ${read.reason}`);
  if (read.truncated) return unknown(now, 'report-truncated', `${report} ends before its own end mark`);
  if (read.gitBlob !== undefined && blobs.has(read.gitBlob)) {
    return unknown(now, 'report-tracked', `${report} is a copy of a file in the commit, not a measurement`);
  }
  const placed = await place(now, read);
  if (placed.kind === 'git-failed') return gitInfra(placed);
  return placed.kind === 'crashed' ? placed : measuredOf(now, read, placed);
}

async function place({ request, files, report: path }: AttemptAt, report: ReadReport) {
  const { slotDir, policy } = request;
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const { pathMap } = policy;
  const roots = await rootNames(slotDir);
  return placeReport(request, files, {
    report,
    place: { roots, folder, ...(pathMap === undefined ? {} : { pathMap }) },
  });
}

/** What measures: of a request, no more than this is needed to count. */
type Counting = Omit<AttemptAt, 'request'> & {
  readonly request: Pick<MeasureRequest, 'commit'> & { readonly policy: Pick<CoveragePolicy, 'maxUnplacedPpm'> };
};

/** Counts the lines of a placed report. */
export async function measuredOf(
  now: Counting,
  read: ReadReport,
  { lines, placing, dropped }: PlacedReport,
): Promise<MeasuredOutcome | UnknownOutcome> {
  const counts = new Map<string, FileCounts>();
  let covered = 0;
  const count = ([path, set]: readonly [string, LineSet]): void => {
    const file = countLines(set);
    covered += file.covered;
    if (file.total > 0) counts.set(path, [file.covered, file.total]);
  };
  await inTurns(eachInTurns(lines, count));
  const total = placing.placed.lines;
  const evidence: MeasureEvidence = {
    ...commonEvidence(now, [now.report]),
    findings: [...trackedReports(now, [now.report]), ...placingFindings(placing)],
    diagnostics: [...now.diagnostics, ...read.diagnostics],
    placing,
    dropped: { files: dropped.length, examples: dropped.slice(0, MAX_EXAMPLES).map((name) => name.slice(0, 200)) },
  };
  const unsure = whyUnsure(now, placing);
  if (unsure !== null) return { kind: 'unknown', ...unsure, evidence };
  return {
    kind: 'measured',
    measured: {
      metric: 'lines',
      format: read.format,
      covered,
      total,
      files: await inTurns(recordInTurns(counts)),
      reportSha256: read.sha256,
      ...(read.totalsOnly ? { totalsOnly: true } : { lines }),
      tracked: now.files.tracked,
    },
    evidence,
  };
}

/** A share of the lines says nothing about the commit when too many of the others may be its lines, too. */
function whyUnsure(
  { report, request }: Counting,
  placing: PlacedReport['placing'],
): Pick<UnknownOutcome, 'why' | 'reason'> | null {
  const { maxUnplacedPpm = MAX_UNPLACED_PPM } = request.policy;
  const { unplaced, stale } = placing;
  const words = placingWords(placing);
  const names = unplaced.files === 0 ? '' : `: ${listed(unplaced)}`;
  if (placing.placed.lines === 0) {
    const said = words === '' ? '' : `: ${words}${names}`;
    return { why: 'nothing-measured', reason: `${report} measures no line of a file of this commit${said}` };
  }
  if (!isTooUncertain(placing, maxUnplacedPpm)) return null;
  const { lines, of } = uncertainLines(placing);
  const share = `${lines} of ${of} lines of ${report} belong to no certain line of this commit, ${formatPpm(maxUnplacedPpm)} may`;
  const others = stale.slice(0, MAX_EXAMPLES).map(({ path }) => path);
  const versions = others.length === 0 ? '' : `; it is about another version of ${others.join(', ')}`;
  return { why: 'lines-unplaced', reason: `${share}; ${words}${names}${versions}` };
}

const unknown = (now: Attempt, why: UnknownWhy, reason: string): UnknownOutcome => ({
  kind: 'unknown',
  why,
  reason,
  evidence: evidenceOf(now),
});

function evidenceOf(now: Attempt): MeasureEvidence {
  const reports = reportsOf(now.request.policy);
  return { ...commonEvidence(now, reports), findings: trackedReports(now, reports) };
}

const trackedReports = ({ files }: Pick<Attempt, 'files'>, reports: readonly string[]): readonly Finding[] =>
  reports.filter((report) => files.tracked.has(report)).map(trackedReport);

const commonEvidence = (
  {
    request,
    tree,
    runs,
    diagnostics,
  }: Pick<Attempt, 'tree' | 'runs' | 'diagnostics'> & { readonly request: Pick<MeasureRequest, 'commit'> },
  reports: readonly string[],
) => ({
  commit: request.commit,
  tree,
  reportPath: reports.join(', '),
  runs: [...runs],
  diagnostics,
  dropped: { files: 0, examples: [] },
});

const trackedReport = (path: string): Finding => ({
  rule: 'coverage/report_tracked',
  message: 'The coverage report is committed. The committed copy was removed before the run; take it out of git.',
  path,
});
