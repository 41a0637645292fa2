/**
 * Measures one commit: checkout → setup → command → one fresh report, read once. Nothing that stood in the slot before,
 * that was committed, or that a survivor of the command could still change is ever believed.
 */
import type { CommandRun, RunLimits } from '@gatehouse/gate-run';
import { type GitRepo, listTree } from '@gatehouse/git';
import { type Crashed, type Finding, invariant } from '@gatehouse/verdict';
import { openReport } from './adapters/report-source.ts';
import { clearReport, fileClockNs, linkOnTheWay } from './adapters/slot-files.ts';
import { record } from './baseline-record.ts';
import { gitInfra, runCommands } from './coverage-run.ts';
import { mapPaths } from './map-paths.ts';
import { readSource } from './read-report.ts';
import { countLines } from './readers/report-lines.ts';
import type {
  CoveragePolicy,
  FileCounts,
  InfraOutcome,
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

/** A timeout or a kill is tried once more in a fresh checkout; everything else is answered as it is. */
export async function measureCoverage(request: MeasureRequest): Promise<MeasureOutcome> {
  const { report } = request.policy;
  invariant(isSlotPath(report), 'report is a path inside the slot');
  const runs: CommandRun[] = [];
  const first = await attempt(request, runs);
  return first.kind === 'unknown' && RETRIED.includes(first.why) ? attempt(request, runs) : first;
}

const RETRIED: readonly UnknownWhy[] = ['timeout', 'killed'];

/** Relative, plain, and not git's own. */
const isSlotPath = (path: string): boolean =>
  path.length < 1024 &&
  !path.includes('\0') &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');

/** Regular files of the commit and the names git has for their content. */
interface Committed {
  readonly kind: 'committed';
  readonly tracked: ReadonlySet<string>;
  readonly blobs: ReadonlySet<string>;
}

/** What one attempt knows so far. */
interface Attempt {
  readonly request: MeasureRequest;
  readonly files: Committed;
  /** Empty until the commit was laid out. */
  readonly tree: string;
  readonly runs: readonly CommandRun[];
  readonly diagnostics: readonly string[];
}

async function attempt(request: MeasureRequest, runs: CommandRun[]): Promise<MeasureOutcome> {
  const { slotDir, policy } = request;
  const files = await listFiles(request);
  if (files.kind !== 'committed') return files;
  let startedNs = 0n;
  const prepare = async (): Promise<string | null> => {
    startedNs = await fileClockNs(slotDir);
    const cleared = await clearReport(slotDir, policy.report);
    return cleared.kind === 'blocked' ? cleared.reason : null;
  };
  const ended = await runCommands(request, { prepare, runs });
  const now: Attempt = { request, files, runs, tree: '', diagnostics: [] };
  switch (ended.kind) {
    case 'done':
      return readFresh({ ...now, tree: ended.tree, diagnostics: ended.diagnostics }, startedNs);
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
  const { run } = request;
  invariant(isSlotPath(request.policy.report), 'report is a path inside the slot');
  const files = await listFiles(request);
  if (files.kind !== 'committed') return files;
  const now: Attempt = { request, files, tree: run.tree ?? '', runs: [run], diagnostics: [] };
  if (run.outcome !== 'green') return unknown(now, 'command-failed', `the run ended ${run.outcome}: ${run.reason}`);
  if (run.commit !== request.commit) return unknown(now, 'report-stale', `the run was on ${run.commit}`);
  if (run.leftovers > 0) return unknown(now, 'survivors', `the run left ${run.leftovers} processes behind`);
  return readFresh(now, BigInt(run.startedAt - CLOCK_LAG_MS) * 1_000_000n);
}

/** The clock of a file system is behind that of processes by up to a tick of the kernel, and a service rounds. */
const CLOCK_LAG_MS = 20;

/** What the commit holds: regular files alone. */
export async function listFiles({
  git,
  commit,
  signal,
}: Pick<MeasureRequest, 'git' | 'commit' | 'signal'>): Promise<Committed | InfraOutcome | Crashed> {
  const listed = await listTree({ repo: git, commit, signal });
  if (listed.kind === 'git-failed') return gitInfra(listed);
  if (listed.kind === 'crashed') return listed;
  const files = listed.entries.filter(({ type, mode }) => type === 'blob' && mode !== '120000');
  return {
    kind: 'committed',
    tracked: new Set(files.map(({ path }) => path)),
    blobs: new Set(files.map(({ oid }) => oid)),
  };
}

/** The report, if it is a plain file that appeared while the command ran. */
async function readFresh(now: Attempt, startedNs: bigint): Promise<MeasuredOutcome | UnknownOutcome> {
  const { slotDir: dir } = now.request;
  const { report } = now.request.policy;
  const { tracked, blobs } = now.files;
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
  const read = await readSource(opened.source, {});
  if (read.kind === 'unreadable') return unknown(now, 'report-unreadable', `${report}: ${read.reason}`);
  if (read.truncated) return unknown(now, 'report-truncated', `${report} ends before its own end mark`);
  if (blobs.has(read.gitBlob)) {
    return unknown(now, 'report-tracked', `${report} is a copy of a file in the commit, not a measurement`);
  }
  return measuredOf(now, read, mapPaths(read.files, tracked, dir));
}

function measuredOf(
  now: Attempt,
  read: ReadReport,
  { lines, dropped }: ReturnType<typeof mapPaths>,
): MeasuredOutcome | UnknownOutcome {
  const files = new Map<string, FileCounts>();
  let covered = 0;
  let total = 0;
  for (const [path, set] of lines) {
    const counts = countLines(set);
    covered += counts.covered;
    total += counts.total;
    if (counts.total > 0) files.set(path, [counts.covered, counts.total]);
  }
  const evidence: MeasureEvidence = {
    ...evidenceOf(now),
    diagnostics: [...now.diagnostics, ...read.diagnostics],
    dropped: { files: dropped.length, examples: dropped.slice(0, 10).map((name) => name.slice(0, 200)) },
  };
  if (total === 0) {
    const reason = `${now.request.policy.report} measures no line of a file of this commit`;
    return { kind: 'unknown', why: 'nothing-measured', reason, evidence };
  }
  return {
    kind: 'measured',
    measured: {
      metric: 'lines',
      format: read.format,
      covered,
      total,
      files: record(files),
      reportSha256: read.sha256,
      lines,
      tracked: now.files.tracked,
    },
    evidence,
  };
}

const unknown = (now: Attempt, why: UnknownWhy, reason: string): UnknownOutcome => ({
  kind: 'unknown',
  why,
  reason,
  evidence: evidenceOf(now),
});

function evidenceOf({ request, files, tree, runs, diagnostics }: Attempt): MeasureEvidence {
  const { report } = request.policy;
  return {
    commit: request.commit,
    tree,
    reportPath: report,
    runs: [...runs],
    findings: files.tracked.has(report) ? [trackedReport(report)] : [],
    diagnostics,
    dropped: { files: 0, examples: [] },
  };
}

const trackedReport = (path: string): Finding => ({
  rule: 'coverage/report_tracked',
  message: 'The coverage report is committed. The committed copy was removed before the run; take it out of git.',
  path,
});
