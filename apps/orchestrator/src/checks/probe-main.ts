/** Runs a repository's own command on main itself, to learn whether the machine, or main, is well. */
import { measureCoverage } from '@gatehouse/coverage-gate';
import { type CommandRun, faultOf } from '@gatehouse/gate-run';
import type { GitRepo } from '@gatehouse/git';
import { type BaseRunQueue, runBase, type TestMemoryPort, type TestPolicy } from '@gatehouse/merge-gate';
import { describeCrash } from '@gatehouse/verdict';
import type { CheckWorkspace } from '../platform/claim-directories.ts';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import { runLimits } from '../policy/run-limits.ts';
import type { Settings } from '../settings.ts';
import { ciPolicy } from './ci-check.ts';
import type { CheckWorkload } from './definition.ts';
import { gracefulPolicy } from './merge-check.ts';

export interface MainProbeRequest {
  readonly work: CheckWorkload;
  readonly repo: string;
  /** Main's head. */
  readonly base: string;
  readonly git: GitRepo;
  readonly policy: GatePolicy;
  readonly settings: Settings;
  readonly workspace: CheckWorkspace;
  readonly line: BaseRunQueue;
  readonly tests: TestMemoryPort;
  /** Run it even when a recent run has a result. */
  readonly fresh: boolean;
  readonly record: (run: CommandRun) => Promise<void>;
  readonly signal: AbortSignal;
}

/** `told`: a command ended by itself, or there is none. `trouble`: a machine fault ended it. */
export type MainProbeResult =
  | { readonly kind: 'told'; readonly word: 'green' | 'red' | 'none'; readonly reason: string }
  | { readonly kind: 'trouble'; readonly reason: string };

export type MainProbe = (question: MainProbeRequest) => Promise<MainProbeResult>;

export const probeMain: MainProbe = async (question) => {
  const { work, policy, settings } = question;
  if (work === 'coverage') return measure(question);
  if (work === 'ci') {
    const ci = ciPolicy(policy, settings);
    return ci === null ? none('no ci.command is configured') : runOnBase(question, ci);
  }
  if (policy.test === null) return none('nothing tells how to test main');
  return runOnBase(question, gracefulPolicy(settings, policy.test));
};

const none = (reason: string): MainProbeResult => ({ kind: 'told', word: 'none', reason });

async function runOnBase(question: MainProbeRequest, policy: TestPolicy): Promise<MainProbeResult> {
  const { repo, git, base, workspace, settings, line, tests, fresh, record, signal } = question;
  const request = {
    repo,
    git,
    commit: base,
    slotDir: workspace.slotDir,
    logDir: workspace.logDir,
    policy,
    fresh,
    tests,
    signal,
  };
  const run = await runBase(
    { ...request, ...runLimits(settings, question.policy), purpose: 'probe', onRun: record },
    line,
  );
  switch (run.kind) {
    case 'green':
    case 'red':
      return { kind: 'told', word: run.kind, reason: run.run.reason };
    case 'infra':
    case 'tool-failed':
      return isMachines(run) ? { kind: 'trouble', reason: run.reason } : none(run.reason);
    case 'crashed':
      return { kind: 'trouble', reason: describeCrash(run) };
  }
}

/** A git call or an environment that fails has no run, and counts as a machine fault unless it says otherwise. */
function isMachines(ended: { readonly kind: 'infra' | 'tool-failed'; readonly run?: CommandRun }): boolean {
  return ended.run === undefined ? ended.kind === 'infra' : faultOf(ended.run) !== null;
}

async function measure(question: MainProbeRequest): Promise<MainProbeResult> {
  const { git, base, policy, settings, workspace, record, signal } = question;
  if (policy.coverage === null) return none('no coverage.command is configured any more');
  const runs: CommandRun[] = [];
  const measured = await measureCoverage({
    git,
    slotDir: workspace.slotDir,
    commit: base,
    policy: { graceMs: settings.commands.graceMs, ...policy.coverage },
    logDir: workspace.logDir,
    onRun: async (run) => {
      runs.push(run);
      await record({ ...run, purpose: `probe ${run.purpose}` });
    },
    ...runLimits(settings, policy),
    signal,
  });
  if (measured.kind === 'infra' && measured.trouble === 'refused') return none(measured.reason);
  const last = runs.at(-1);
  const ended = measured.kind === 'unknown' ? measured.reason : last?.reason;
  const reason = ended ?? `no command was run: ${measured.kind}`;
  if (last === undefined || faultOf(last) !== null) return { kind: 'trouble', reason };
  return { kind: 'told', word: measured.kind === 'measured' ? 'green' : 'none', reason };
}
