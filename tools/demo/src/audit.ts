/**
 * Compares what the scenarios expect with what is there afterwards: git's refs, trees and reflog, the store's rows, the
 * reports on disk, the processes of this machine. It reads the evidence, never the pipeline's own statements.
 */
import { commitLog, type GitRepo, isAncestor, refLog, resolveCommit } from '@gatehouse/git';
import {
  type GateRun,
  processesNaming,
  readCoverageFront,
  readSecurityFront,
  type Store,
  type Task,
} from '@gatehouse/orchestrator/testing';
import type { Scenario } from './scenarios.ts';

export interface BranchEnding {
  readonly scenario: Scenario;
  readonly task: Task | null;
  readonly runs: readonly GateRun[];
  readonly landed: boolean;
  /** The last verdict that kept it out, if one did. */
  readonly stopper: GateRun | null;
  readonly asExpected: boolean;
  readonly why: string;
}

export interface AuditResult {
  readonly endings: readonly BranchEnding[];
  /** Everything that must hold of main and the machine, each with what was found when it does not. */
  readonly breaches: readonly string[];
}

export interface AuditContext {
  readonly scenarios: readonly Scenario[];
  readonly tasks: ReadonlyMap<string, string>;
  readonly store: Store;
  readonly forge: GitRepo;
  /** main before anything was enqueued. */
  readonly before: string;
  readonly marker: string;
}

export async function audit(context: AuditContext): Promise<AuditResult> {
  const breaches: string[] = [];
  const main = await resolveCommit({ repo: context.forge, ref: 'refs/heads/main' });
  if (main.kind !== 'found') return { endings: [], breaches: [`main cannot be read: ${main.kind}`] };
  const endings: BranchEnding[] = [];
  for (const scenario of context.scenarios) endings.push(await endingOf(context, scenario, main.sha));
  checkPairs(endings, breaches);
  breaches.push(
    ...endings.filter((ending) => !ending.asExpected).map((ending) => `${ending.scenario.name}: ${ending.why}`),
  );
  breaches.push(...(await mainHoldsOnlyTested(context, endings, main.sha)));
  breaches.push(...(await mainOnlyMovedForward(context)));
  const alive = await processesNaming(context.marker);
  if (alive === null) breaches.push('this machine does not list its processes, so survivors cannot be ruled out');
  else if (alive.length > 0) breaches.push(`${alive.length} processes survive: ${alive.join(', ')}`);
  return { endings, breaches };
}

async function endingOf(context: AuditContext, scenario: Scenario, main: string): Promise<BranchEnding> {
  const taskId = context.tasks.get(scenario.name);
  const task = taskId === undefined ? null : await context.store.getTask(taskId);
  if (task === null)
    return { scenario, task, runs: [], landed: false, stopper: null, asExpected: false, why: 'it was never enqueued' };
  const runs = await context.store.gateRuns({ taskId: task.id, limit: 200 });
  const tested = task.testedSha ?? runs.find((run) => run.testedSha !== null)?.testedSha ?? null;
  const inMain = tested === null ? null : await isAncestor({ repo: context.forge, ancestor: tested, of: main });
  const landed = inMain?.kind === 'yes';
  const stopper = runs.find((run) => run.status !== 'pass' && run.status !== 'skip') ?? null;
  const ending = { scenario, task, runs, landed, stopper: landed ? null : stopper };
  const why = await mismatch(context, ending);
  return {
    ...ending,
    asExpected: why === null,
    why: why ?? (landed ? 'landed' : (task.state.ended ?? stopper?.reason ?? '')),
  };
}

/** Null when the ending is the expected one. */
async function mismatch(
  context: AuditContext,
  ending: Omit<BranchEnding, 'asExpected' | 'why'>,
): Promise<string | null> {
  const { scenario, task, landed, stopper } = ending;
  const { expected } = scenario;
  if (expected.end === 'landed' || (expected.end === 'one-of-pair' && landed)) {
    if (!landed)
      return `should have landed, but ${stopper?.check ?? 'nothing'} answered ${stopper?.status ?? 'nothing'}: ${stopper?.reason ?? ''}`;
    if (task?.stage !== 'done') return `landed, but the task is ${task?.stage}/${task?.status}`;
    return passesAreReported(context, ending.runs);
  }
  if (landed) return 'landed, but must not';
  if (expected.end === 'stopped') return task === null ? 'it is gone' : wasStoppedMidRun(context, task);
  const wanted =
    expected.end === 'one-of-pair'
      ? { check: 'check_branch_mergeable', status: 'fail' as const, rule: 'red-test' }
      : expected;
  if (task?.status !== 'blocked') return `should be blocked, but is ${task?.stage}/${task?.status}`;
  if (stopper === null) return 'is blocked, but no recorded verdict says why';
  if (stopper.check !== wanted.check || stopper.status !== wanted.status)
    return `${stopper.check} answered ${stopper.status} (${stopper.reason}); expected ${wanted.status} of ${wanted.check}`;
  if (wanted.rule !== undefined && !stopper.findings.some((finding) => finding.rule === wanted.rule))
    return `expected a finding ${wanted.rule}; found ${stopper.findings.map((finding) => finding.rule).join(', ') || 'none'}`;
  return reportAgrees(context, stopper);
}

/** Only what was running when it was stopped has an end of its run on record. */
export async function wasStoppedMidRun({ store }: Pick<AuditContext, 'store'>, task: Task): Promise<string | null> {
  if (task.stage !== 'cancelled') return `should be cancelled, but is ${task.stage}/${task.status}`;
  if (task.cancelRequestedAt === null) return 'was cancelled, but no stop is on record';
  if (task.cancelledAt === null) return 'was stopped, but never settled';
  const ends = (await store.taskEvents(task.id)).filter(({ kind }) => kind === 'stop-settled');
  return ends.length === 1 ? null : `the end of its run is on record ${ends.length} times`;
}

const REPORTS: Readonly<Record<string, { name: string; subject: string; read: typeof readSecurityFront }>> = {
  check_security_gate: { name: '17-security-report.md', subject: 'security', read: readSecurityFront },
  check_coverage_gate: { name: '18-coverage-report.md', subject: 'coverage', read: readCoverageFront },
};

/** Of what landed, the last pass of every gate that reports is on disk. */
async function passesAreReported(context: AuditContext, runs: readonly GateRun[]): Promise<string | null> {
  for (const check of Object.keys(REPORTS)) {
    const pass = runs.find((run) => run.check === check && run.status === 'pass');
    const trouble = pass === undefined ? null : await reportAgrees(context, pass);
    if (trouble !== null) return `landed, but ${trouble}`;
  }
  return null;
}

/** The report on disk is read back strictly and must say the run's own verdict for this very head. */
async function reportAgrees(context: AuditContext, run: GateRun): Promise<string | null> {
  const report = REPORTS[run.check];
  if (report === undefined) return null;
  const row = await context.store.findArtefact({ taskId: run.taskId, name: report.name });
  if (row === null) return `there is no ${report.subject} report`;
  const front = await report.read(row.path);
  if (front === null) return `the ${report.subject} report ${row.path} cannot be read back`;
  return front.status === run.status.toUpperCase() && front.head === run.headSha
    ? null
    : `the ${report.subject} report says ${front.status} for ${front.head}`;
}

function checkPairs(endings: readonly BranchEnding[], breaches: string[]): void {
  const pairs = new Map<string, BranchEnding[]>();
  for (const ending of endings) {
    const { expected } = ending.scenario;
    if (expected.end === 'one-of-pair') pairs.set(expected.pair, [...(pairs.get(expected.pair) ?? []), ending]);
  }
  for (const [pair, both] of pairs) {
    const count = both.filter((ending) => ending.landed).length;
    if (count !== 1) breaches.push(`exactly one branch of the pair "${pair}" may land; ${count} did`);
  }
}

type EndingOnMain = Pick<BranchEnding, 'task' | 'runs' | 'landed'> & { readonly scenario: { readonly name: string } };

/** Every first-parent commit after the start is the tested commit of a landed task, with all gates passed for that tree. */
export async function mainHoldsOnlyTested(
  context: Pick<AuditContext, 'forge' | 'before'>,
  endings: readonly EndingOnMain[],
  main: string,
): Promise<string[]> {
  const log = await commitLog({ repo: context.forge, base: context.before, head: main });
  if (log.kind !== 'listed') return [`main's new commits cannot be listed: ${log.kind}`];
  const breaches: string[] = [];
  const landed = endings.filter((ending) => ending.landed);
  const covered = new Set<string>();
  for (const ending of landed) {
    const passed = ending.runs.find(
      (run) =>
        run.check === 'check_branch_mergeable' && run.status === 'pass' && run.testedSha === ending.task?.landedSha,
    );
    if (passed === undefined || passed.testedSha === null || passed.baseSha === null) {
      breaches.push(
        `${ending.scenario.name} landed without a recorded green for ${ending.task?.landedSha ?? 'its commit'}`,
      );
      continue;
    }
    const own = await commitLog({ repo: context.forge, base: passed.baseSha, head: passed.testedSha });
    if (own.kind === 'listed') for (const commit of own.commits) covered.add(commit.sha);
    for (const check of ['check_security_gate', 'check_coverage_gate'])
      if (!ending.runs.some((run) => run.check === check && run.status === 'pass' && run.headSha === passed.headSha))
        breaches.push(`${ending.scenario.name} landed without a pass of ${check}`);
  }
  for (const commit of log.commits)
    if (!covered.has(commit.sha))
      breaches.push(`main holds ${commit.sha.slice(0, 12)} (${commit.subject}), which no landing brought`);
  return breaches;
}

export async function mainOnlyMovedForward(context: Pick<AuditContext, 'forge'>): Promise<string[]> {
  const log = await refLog({ repo: context.forge, ref: 'refs/heads/main' });
  if (log.kind !== 'listed') return [`main's reflog cannot be read: ${log.kind}`];
  const breaches: string[] = [];
  for (const { from, to } of log.moves) {
    if (from === null) continue;
    const forward = await isAncestor({ repo: context.forge, ancestor: from, of: to });
    if (forward.kind !== 'yes')
      breaches.push(`main moved from ${from.slice(0, 12)} to ${to.slice(0, 12)}, which is not forward`);
  }
  return log.moves.length === 0 ? ['main has no reflog, so nothing shows that it only moved forward'] : breaches;
}
