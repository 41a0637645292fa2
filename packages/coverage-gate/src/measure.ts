/**
 * Measures one commit: checkout → setup → command → one fresh report, read once. Nothing that stood in the slot before,
 * that was committed, or that a survivor of the command could still change is ever believed.
 */
import { checkoutSlot, type GitFailed, type GitRepo, listTree } from '@gatehouse/git';
import { type Crashed, type Finding, invariant } from '@gatehouse/verdict';
import { openReport } from './adapters/report-source.ts';
import { clearReport, fileClockNs, linkOnTheWay } from './adapters/slot-files.ts';
import { runCommand } from './coverage-run.ts';
import { mapPaths } from './map-paths.ts';
import { readSource } from './read-report.ts';
import { countLines } from './readers/report-lines.ts';
import { record } from './vanished.ts';
import type {
  CoveragePolicy,
  FileCounts,
  InfraOutcome,
  MeasuredOutcome,
  MeasureEvidence,
  MeasureOutcome,
  ReadReport,
  RecordedRun,
  UnknownOutcome,
  UnknownWhy,
} from './verdict.ts';

export interface MeasureRequest {
  /** The mirror that holds the commit. */
  readonly git: GitRepo;
  /** Absolute path of a slot this call may empty and fill. */
  readonly slotDir: string;
  readonly commit: string;
  readonly policy: CoveragePolicy;
  /** Untracked paths that survive the cleaning of the slot; see `checkoutSlot`. */
  readonly keep?: readonly string[];
  readonly logDir?: string;
  /** Called with every command as it ends. */
  readonly onRun?: (run: RecordedRun) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** A timeout or a kill is tried once more in a fresh checkout; everything else is answered as it is. */
export async function measureCoverage(request: MeasureRequest): Promise<MeasureOutcome> {
  const { report } = request.policy;
  invariant(isSlotPath(report), 'report is a path inside the slot');
  const runs: RecordedRun[] = [];
  const first = await attempt(request, runs);
  return first.kind === 'unknown' && RETRIED.includes(first.why) ? attempt(request, runs) : first;
}

const RETRIED: readonly UnknownWhy[] = ['timeout', 'killed'];

/** Relative, plain, and not git's own. */
const isSlotPath = (path: string): boolean =>
  path.length < 1024 &&
  !path.includes('\0') &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');

interface Slot {
  readonly kind: 'slot';
  readonly dir: string;
  readonly commit: string;
  readonly tree: string;
  /** Regular files of the commit and the names git has for their content. */
  readonly tracked: ReadonlySet<string>;
  readonly blobs: ReadonlySet<string>;
}

/** What one attempt knows so far. */
interface Attempt {
  readonly request: MeasureRequest;
  readonly slot: Slot;
  readonly runs: RecordedRun[];
  readonly diagnostics: string[];
}

async function attempt(request: MeasureRequest, runs: RecordedRun[]): Promise<MeasureOutcome> {
  const slot = await prepareSlot(request);
  if (slot.kind !== 'slot') return slot;
  const now: Attempt = { request, slot, runs, diagnostics: [] };
  const fault = await runSetup(now);
  if (fault !== null) return fault;
  const startedNs = await fileClockNs(slot.dir);
  const cleared = await clearReport(slot.dir, request.policy.report);
  if (cleared.kind === 'blocked') return unknown(now, 'report-not-a-file', cleared.reason);
  const failed = await run(now, 'coverage');
  return failed ?? readFresh(now, startedNs);
}

async function prepareSlot({
  git,
  slotDir,
  commit,
  keep,
  signal,
}: MeasureRequest): Promise<Slot | InfraOutcome | Crashed> {
  const placed = await checkoutSlot({ repo: git, dir: slotDir, commit, keep, signal });
  if (placed.kind === 'git-failed') return gitFault(placed);
  if (placed.kind === 'crashed') return placed;
  const listed = await listTree({ repo: git, commit, signal });
  if (listed.kind === 'git-failed') return gitFault(listed);
  if (listed.kind === 'crashed') return listed;
  const files = listed.entries.filter(({ type, mode }) => type === 'blob' && mode !== '120000');
  const tracked = new Set(files.map(({ path }) => path));
  return {
    kind: 'slot',
    dir: slotDir,
    commit,
    tree: placed.tree,
    tracked,
    blobs: new Set(files.map(({ oid }) => oid)),
  };
}

const gitFault = ({ op, trouble, stderr }: GitFailed): InfraOutcome => ({
  kind: 'infra',
  trouble,
  reason: `git ${op}: ${trouble}${stderr === '' ? '' : ` (${stderr.slice(0, 200)})`}`,
});

async function runSetup(now: Attempt): Promise<Exclude<MeasureOutcome, MeasuredOutcome> | null> {
  return now.request.policy.setup === undefined || now.request.policy.setup === '' ? null : run(now, 'setup');
}

/** Null when the command did its work. */
async function run(
  now: Attempt,
  purpose: RecordedRun['purpose'],
): Promise<Exclude<MeasureOutcome, MeasuredOutcome> | null> {
  const { policy, logDir, signal, onRun } = now.request;
  const ended = await runCommand({
    purpose,
    command: purpose === 'setup' ? (policy.setup ?? '') : policy.command,
    timeoutMs: purpose === 'setup' ? (policy.setupTimeoutMs ?? policy.timeoutMs) : policy.timeoutMs,
    policy,
    slot: now.slot,
    logDir,
    signal,
    onRun,
  });
  if (ended.kind === 'crashed' || ended.kind === 'infra') return ended;
  now.runs.push(ended.run);
  if (ended.kind !== 'done') return { ...unknown(now, ended.why, ended.reason), run: ended.run };
  if (ended.empty === 'unprovable') {
    now.diagnostics.push(
      `at level ${ended.run.level} it cannot be proved that nothing of the ${purpose} command is left`,
    );
  }
  return null;
}

/** The report, if it is a plain file that appeared while the command ran. */
async function readFresh(now: Attempt, startedNs: bigint): Promise<MeasuredOutcome | UnknownOutcome> {
  const { report } = now.request.policy;
  const { dir, tracked, blobs } = now.slot;
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
      tracked: now.slot.tracked,
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

function evidenceOf({ request, slot, runs, diagnostics }: Attempt): MeasureEvidence {
  const { report } = request.policy;
  return {
    commit: slot.commit,
    tree: slot.tree,
    reportPath: report,
    runs: [...runs],
    findings: slot.tracked.has(report) ? [trackedReport(report)] : [],
    diagnostics,
    dropped: { files: 0, examples: [] },
  };
}

const trackedReport = (path: string): Finding => ({
  rule: 'coverage/report_tracked',
  message: 'The coverage report is committed. The committed copy was removed before the run; take it out of git.',
  path,
});
