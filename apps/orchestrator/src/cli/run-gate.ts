/** The checks of a gate, one after the other, in a private directory: what each answers, as `--json` has it. */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileBaseline } from '@gatehouse/coverage-gate';
import type { CommandRun } from '@gatehouse/gate-run';
import { fileLease } from '@gatehouse/merge-gate';
import type { CheckName } from '@gatehouse/stage-engine';
import { type CheckVerdict, invariant, type LeaseProof } from '@gatehouse/verdict';
import { advisoryFeedFrom } from '../checks/advisory-feed.ts';
import { withMaskedSecrets } from '../checks/mask-secrets.ts';
import type { CheckContext, CheckSubject } from '../checks/port.ts';
import { GATES, QG_CHECKS } from '../checks/registry.ts';
import { TEST_RUN } from '../platform/claim-directories.ts';
import { makeDirectory, readTextFile } from '../platform/files.ts';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import type { Settings } from '../settings.ts';
import type { Terminal } from './answer.ts';
import type { Located } from './checkout/located.ts';
import { cacheDirectory, durationsIn } from './durations.ts';
import type { Output } from './formats/choose-outputs.ts';
import { outputOf } from './formats/failing-lines.ts';
import type { CheckedView, GateReport, OutputView } from './formats/report.ts';
import type { GateOptions } from './gate-command.ts';
import { keepBaseline } from './keep-baseline.ts';

export interface GateContext extends Located {
  readonly policy: GatePolicy;
  readonly outputs: readonly Output[];
  readonly options: GateOptions;
  readonly settings: Settings;
  readonly terminal: Terminal;
  readonly directory: string;
}

/** `name` is that of a gate, or `all`. */
export async function runGate(name: string, scene: GateContext): Promise<GateReport> {
  const checks = GATES[name];
  invariant(checks !== undefined, 'a gate has checks');
  const views: CheckedView[] = [];
  let tested: string | undefined;
  const { progress } = scene.terminal;
  const durations = durationsIn(
    progress?.isLive === true ? cacheDirectory() : null,
    resolve(scene.terminal.cwd, scene.options.repo),
  );
  for (const check of checks) {
    const expectedMs = await durations.last(check);
    progress?.step({
      what: `${check} on ${scene.subject.head.slice(0, 12)}`,
      ...(expectedMs === null ? {} : { expectedMs }),
    });
    const started = performance.now();
    const held: LeaseProof[] = [];
    const runs: CommandRun[] = [];
    const context = await contextOf(scene, tested, { held, runs });
    const answer = await withMaskedSecrets(QG_CHECKS[check])(context);
    const said = [aboutSubject(scene, answer), await aboutBaseline(scene, { check, context, answer })];
    const verdict = { ...answer, warnings: [...answer.warnings, ...said.filter((one) => one !== null)] };
    for (const proof of held) await context.ports.lease.release(proof);
    await durations.record(check, performance.now() - started);
    tested = verdict.commits?.tested ?? tested;
    const durationMs = Math.round(performance.now() - started);
    const keepsReports = scene.options.reports !== undefined;
    views.push(await viewOf(verdict, { check, subject: scene.subject, tested, durationMs, keepsReports, runs }));
    if (!opens(verdict)) break;
  }
  const last = views.at(-1);
  const isPass = last?.status === 'skip' && last.code === undefined && views.some((one) => one.status === 'pass');
  const status = isPass ? 'pass' : (last?.status ?? 'error');
  const code = last?.code === undefined ? {} : { code: last.code };
  return { gate: name, status, ...code, checks: views, not_asked: checks.slice(views.length), subject: scene.view };
}

/** A pass that says nothing of any change must not read as one that does. */
function aboutSubject({ subject: { base, head } }: GateContext, { status }: CheckVerdict): string | null {
  return status === 'pass' && base === head ? NOTHING_JUDGED : null;
}

const NOTHING_JUDGED =
  'nothing_judged: the branch and its base are the same commit; name the branch that it is to land on with --base';

/** What a person should know of the baseline: that it was not kept, or that there will never be one. */
async function aboutBaseline(
  { options, policy: { coverage } }: GateContext,
  {
    check,
    context,
    answer,
  }: { readonly check: CheckName; readonly context: CheckContext; readonly answer: CheckVerdict },
): Promise<string | null> {
  if (options.baseline !== undefined) return keepBaseline(context);
  if (check !== 'check_coverage_gate' || answer.status !== 'pass' || coverage === null) return null;
  if (answer.warnings.some((warning) => warning.startsWith('coverage_unknown'))) return null;
  const isCompared = coverage.mode === 'absolute' || coverage.patch?.policy === 'block';
  return isCompared ? null : NO_BASELINE;
}

const NO_BASELINE =
  'coverage_not_compared: a gate in a shell remembers no coverage of main; keep a folder from run to run and name it with --baseline FOLDER, or set coverage.patch: { min: 80, policy: block }';

/** A skip that has a code ends the matter: nothing is to be checked any more. */
const opens = (verdict: CheckVerdict): boolean =>
  verdict.status === 'pass' || (verdict.status === 'skip' && verdict.code === undefined);

/** What a check leaves behind: leases that it holds, and the runs of its commands. */
interface Kept {
  readonly held: LeaseProof[];
  readonly runs: CommandRun[];
}

async function contextOf(scene: GateContext, tested: string | undefined, kept: Kept): Promise<CheckContext> {
  const { held, runs } = kept;
  const { options, settings, terminal, directory, git, policy, subject } = scene;
  const reportsDir =
    options.reports === undefined ? join(directory, 'reports') : resolve(terminal.cwd, options.reports);
  await makeDirectory(reportsDir);
  const lease = fileLease(join(directory, 'leases'));
  const user = createHash('sha256').update(options.repo).digest('hex').slice(0, 8);
  return {
    subject: { ...subject, ...(tested === undefined ? {} : { tested }) },
    allowGateChange: options.allowGateChange === true,
    git,
    policy,
    settings,
    signal: terminal.signal,
    workspace: { slotDir: join(directory, `slot-${user}`), reportsDir, logDir: reportsDir },
    ports: {
      lease: {
        ...lease,
        acquire: async (request) => {
          const answer = await lease.acquire(request);
          if (answer.kind === 'acquired') held.push(answer.proof);
          return answer;
        },
      },
      results: { lookup: async () => 'none', record: async () => {} },
      baseline: () =>
        options.baseline === undefined ? noBaseline : fileBaseline(resolve(terminal.cwd, options.baseline)),
      testRun: async () => {
        const kept = await readTextFile(join(reportsDir, TEST_RUN), TEST_RUN_LIMIT);
        return kept.kind === 'read' ? kept.text : null;
      },
      feed: advisoryFeedFrom(settings),
      record: async (run) => {
        runs.push(run);
        terminal.progress?.note(`${run.purpose} run: ${run.outcome} after ${Math.round(run.durationMs / 100) / 10} s`);
      },
    },
  };
}

const TEST_RUN_LIMIT = 64 * 1024 * 1024;

const noBaseline = { read: async () => null, compareAndSet: async () => false };

interface Checked {
  readonly check: string;
  readonly subject: CheckSubject;
  readonly tested: string | undefined;
  readonly durationMs: number;
  readonly keepsReports: boolean;
  readonly runs: readonly CommandRun[];
}

async function viewOf(verdict: CheckVerdict, checked: Checked): Promise<CheckedView> {
  const { check, subject, tested, durationMs, keepsReports, runs } = checked;
  const blamesNobody = verdict.status === 'defer' || verdict.status === 'error';
  const output = blamesNobody ? await outputInTheWay(runs) : null;
  return {
    check,
    status: verdict.status,
    ...('cause' in verdict ? { cause: verdict.cause } : {}),
    ...(verdict.status === 'skip' && verdict.code !== undefined ? { code: verdict.code } : {}),
    reason: `${verdict.reason}${waysOut(verdict)}`,
    base_sha: verdict.commits?.base ?? subject.base,
    head_sha: verdict.commits?.head ?? subject.head,
    ...(tested === undefined ? {} : { tested_sha: tested }),
    findings: verdict.findings,
    warnings: verdict.warnings,
    ...(verdict.artefact !== undefined && keepsReports ? { artefact: verdict.artefact } : {}),
    duration_ms: durationMs,
    ...(output === null ? {} : { output }),
  };
}

/** What an administrator of the service does by an override, a caller in a shell does by an option. */
const waysOut = ({ status, findings }: CheckVerdict): string =>
  status === 'fail' && findings.some(({ rule }) => rule === 'gate-changed')
    ? '; if it is meant, and you answer for it: --allow-gate-change'
    : '';

/** Main's own run goes first, as it is what says that no change is to blame. */
async function outputInTheWay(runs: readonly CommandRun[]): Promise<OutputView | null> {
  const failed = runs.filter(({ outcome }) => outcome !== 'green');
  const run = failed.findLast(({ purpose }) => purpose === 'base') ?? failed.at(-1);
  return run === undefined ? null : outputOf(run);
}
