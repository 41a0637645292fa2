/** Runs the trusted commands on one exact commit in a slot, each in its own process group, and says how it ended. */

import {
  type CommandRun,
  type CommitRun,
  type FreshSlot,
  type Ran,
  type RunLimits,
  runOnCommit,
  type StandingSlot,
} from '@gatehouse/gate-run';
import type { GitRepo } from '@gatehouse/git';
import { describeCrash, type MachineFault } from '@gatehouse/verdict';
import { clearReport } from './adapters/report-files.ts';
import { cachesOf } from './cache-store.ts';
import { callPort } from './call-port.ts';
import { judgeRun } from './judge-run.ts';
import { parsePolicy } from './parse-request.ts';
import { judgeQuarantine, quarantineWarnings } from './quarantine.ts';
import type { TestPolicy, TestReport } from './request.ts';
import { submoduleSetup } from './submodules.ts';

/** The limits hold for every command of the re-test. */
export interface RetestRequest extends RunLimits {
  /** The mirror that holds the commits. */
  readonly git: GitRepo;
  /** A directory that belongs to this call alone while it runs. */
  readonly slotDir: string;
  /** The commit that is run. */
  readonly commit: string;
  /** The trusted definition of green; from the operator or from base. */
  readonly policy: TestPolicy;
  /** The landed commit that the run is compared with: the policy's caches come from runs of it and what it holds. */
  readonly base?: string | undefined;
  /** What the run is for, in the record. Default `branch`. */
  readonly purpose?: 'branch' | 'branch-again' | 'branch-tests' | 'base' | 'base-tests' | 'probe';
  /** Where log files are written, one per command; without it none are. */
  readonly logDir?: string;
  /** Sets the log of this run apart from those of earlier runs for the same purpose. */
  readonly attempt?: number;
  /** Deadline of each single git call. */
  readonly gitTimeoutMs?: number;
  /** Called with each command as it ends. */
  readonly onRun?: (run: CommandRun) => void | Promise<void>;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

/**
 * `red` is an observation and no verdict: only a certificate blames. `run` is the command that decided. `quarantined`: failing
 * tests that do not decide; `run` is then a copy without them, and the record holds what happened.
 */
export type Retest =
  | {
      readonly kind: 'green';
      /** The command that decided. */
      readonly run: CommandRun;
      /** Tree object name of the commit. */
      readonly tree: string;
      /** What a person should hear although it does not decide, one line each. */
      readonly warnings: readonly string[];
      /** Names of failing tests that do not decide. */
      readonly quarantined?: readonly string[];
    }
  | {
      readonly kind: 'red';
      /** The command that decided. */
      readonly run: CommandRun;
      /** Tree object name of the commit. */
      readonly tree: string;
      /** Names of failing tests that do not decide. */
      readonly quarantined?: readonly string[];
    }
  | {
      readonly kind: 'infra';
      /** Why, in one line for a person. */
      readonly reason: string;
      /** The command that decided. */
      readonly run?: CommandRun;
      /** The fault of the machine behind it, where it could be told. */
      readonly trouble?: MachineFault;
    }
  | {
      readonly kind: 'tool-failed';
      /** Why, in one line for a person. */
      readonly reason: string;
      /** The command that decided. */
      readonly run?: CommandRun;
      /** The fault of the machine behind it, where it could be told. */
      readonly trouble?: MachineFault;
    };

/** Checks the commit out, runs setup and test command, and classifies. Leaves the slot as the commands left it. */
export async function retestBranch(request: RetestRequest): Promise<Retest> {
  const policy = parsePolicy({ ...request.policy });
  if (policy.kind === 'invalid') return { kind: 'tool-failed', reason: policy.reason };
  const { git, slotDir, gitTimeoutMs } = request;
  return retest({ ...request, policy: policy.value }, { kind: 'check-out', git, dir: slotDir, gitTimeoutMs });
}

/** The same for a slot that was checked out a moment ago at this very commit, whose tree is `tree`, and not used since. */
export const retestInSlot = (request: RetestRequest, tree: string): Promise<Retest> =>
  retest(request, { kind: 'stands', dir: request.slotDir, tree });

async function retest(request: RetestRequest, slot: FreshSlot | StandingSlot): Promise<Retest> {
  const { policy, commit, slotDir, purpose = 'branch', logDir, attempt, signal } = request;
  const { testReport } = policy;
  const runs: CommandRun[] = [];
  const [cache, fetch] = [await cachesOf(request), await submoduleSetup(request)];
  const setup = [fetch, policy.setup].filter((text) => text !== null && text !== undefined).join('\n');
  const answer = await runOnCommit({
    purpose,
    commit,
    slot,
    setup: setup === '' ? undefined : setup,
    command: policy.command,
    timeoutMs: policy.timeoutMs,
    setupTimeoutMs: policy.setupTimeoutMs,
    graceMs: policy.graceMs,
    limits: request,
    env: { allow: policy.env, set: policy.setEnv ?? {} },
    log:
      logDir === undefined
        ? undefined
        : { dir: logDir, name: `${purpose}${attempt === undefined ? '' : `-${attempt}`}-${commit.slice(0, 12)}` },
    cache,
    prepare: testReport === undefined ? undefined : () => withoutReport(slotDir, testReport),
    judge: (command) => judgeRun({ policy, slotDir }, command),
    // A listener that fails changes nothing here, not even a warning.
    onRun: async (run) => {
      runs.push(run);
      await callPort('onRun', () => request.onRun?.(run));
    },
    signal,
  });
  return retestOf(answer, { policy, runs });
}

async function withoutReport(slotDir: string, { path }: TestReport): Promise<string | null> {
  const blocked = await clearReport(slotDir, path);
  return blocked === null ? null : `the test report: ${blocked}`;
}

interface Retested {
  readonly policy: TestPolicy;
  /** Every command of the re-test, in order. */
  readonly runs: readonly CommandRun[];
}

function retestOf(answer: CommitRun, { policy, runs }: Retested): Retest {
  switch (answer.kind) {
    case 'ran': {
      const counted = countWarnings(answer.run, policy);
      const left = runs.map(leftoverWarnings);
      const list = quarantineWarnings(answer.run, policy);
      const warnings = [...answer.warnings, ...left.slice(0, -1).flat(), ...counted, ...(left.at(-1) ?? []), ...list];
      return withoutQuarantined(ended(answer, warnings), { policy, warnings });
    }
    case 'setup-failed':
    case 'unsupervised':
      return ended({ run: answer.run, tree: null }, []);
    case 'refused':
      return { kind: 'tool-failed', reason: answer.reason, ...(answer.run === undefined ? {} : { run: answer.run }) };
    case 'checkout-failed': {
      const { outcome: kind, reason, trouble } = answer;
      return { kind, reason, ...(trouble === undefined ? {} : { trouble }) };
    }
    case 'no-logs':
      return { kind: 'infra', reason: answer.reason };
    case 'crashed':
      return { kind: 'tool-failed', reason: describeCrash(answer) };
  }
}

function ended({ run, tree }: Pick<Ran, 'run' | 'tree'>, warnings: readonly string[]): Retest {
  switch (run.outcome) {
    case 'green':
      return { kind: 'green', run, tree: tree ?? '', warnings };
    case 'red':
      return { kind: 'red', run, tree: tree ?? '' };
    case 'infra':
    case 'tool-failed':
      return { kind: run.outcome, reason: run.reason, run };
  }
}

/** A red run without the failures that do not decide. */
function withoutQuarantined(
  retest: Retest,
  { policy, warnings }: { readonly policy: TestPolicy; readonly warnings: readonly string[] },
): Retest {
  if (retest.kind !== 'red') return retest;
  const { run, tree } = retest;
  const judged = judgeQuarantine(run, policy);
  switch (judged.kind) {
    case 'as-it-is':
      return retest;
    case 'green':
      return {
        kind: 'green',
        run: judged.run,
        tree,
        warnings: [...warnings, judged.warning],
        quarantined: judged.setAside,
      };
    case 'red':
      return { kind: 'red', run: judged.run, tree, quarantined: judged.setAside };
  }
}

const leftoverWarnings = ({ command, leftovers, unproven }: CommandRun): readonly string[] => [
  ...(leftovers === 0 ? [] : [`leftovers: \`${command}\` left ${leftovers} processes behind; they were ended`]),
  ...(unproven === undefined
    ? []
    : [`unproven: that nothing of \`${command}\` is left could not be proved: ${unproven}`]),
];

/** Warnings about a green that proves less than usual. */
function countWarnings({ ending, reason }: CommandRun, { minTests }: TestPolicy): readonly string[] {
  return ending === 'passed-uncounted'
    ? [`tests-uncounted: ${reason}; nothing shows that at least ${minTests} ran. Print a summary or name a test report`]
    : [];
}
