/** Runs the trusted commands on one exact commit in a slot, each in its own process group, and says how it ended. */

import { join } from 'node:path';
import { type CallOptions, checkoutSlot, type GitRepo } from '@gatehouse/git';
import { type GroupRun, outputText, runInGroup } from '@gatehouse/proc-group';
import { makeLogDirectory } from './adapters/log-directory.ts';
import { askPort } from './ask-port.ts';
import { classifyRetestFailure, type RetestClass } from './classify.ts';
import { countTests, type TestCount } from './count-tests.ts';
import { gitTrouble } from './git-trouble.ts';
import { parsePolicy } from './parse-request.ts';
import type { TestPolicy } from './request.ts';
import type { RecordedRun } from './verdict.ts';

export interface RetestRequest {
  readonly git: GitRepo;
  readonly slotDir: string;
  readonly commit: string;
  readonly policy: TestPolicy;
  /** What the run is for, in the record. Default `branch`. */
  readonly purpose?: 'branch' | 'branch-again' | 'base';
  readonly logDir?: string;
  /** Default true; off is a plain spawn. */
  readonly treeKill?: boolean;
  readonly onRun?: (run: RecordedRun) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** `red` is an observation and no verdict: only a certificate blames. `run` is the command that decided. */
export type Retest =
  | { readonly kind: 'green'; readonly run: RecordedRun; readonly tree: string; readonly warnings: readonly string[] }
  | { readonly kind: 'red'; readonly run: RecordedRun; readonly tree: string }
  | { readonly kind: 'infra'; readonly reason: string; readonly run?: RecordedRun }
  | { readonly kind: 'tool-failed'; readonly reason: string; readonly run?: RecordedRun };

/** Stands in for a test name when the setup command is what fails. */
export const SETUP_FAILED = '(setup)';

const EXCERPT_CHARS = 4_000;
const OUTPUT_BYTES = 1_048_576;
const NO_TESTS_EXPECTED: TestCount = { kind: 'unknown', reason: 'a setup command runs no tests', failed: [] };

/** Checks the commit out, runs setup and test command, and classifies. Leaves the slot as the commands left it. */
export async function retestBranch(request: RetestRequest): Promise<Retest> {
  const policy = parsePolicy({ ...request.policy });
  if (policy.kind === 'invalid') return { kind: 'tool-failed', reason: policy.reason };
  return retest({ ...request, policy: policy.value });
}

async function retest(request: RetestRequest): Promise<Retest> {
  const { git, slotDir, commit, policy, signal, logDir } = request;
  const options: CallOptions = { signal };
  const slot = await checkoutSlot({ repo: git, dir: slotDir, commit, ...options });
  if (slot.kind !== 'ready') return gitTrouble('checkout', slot);
  if (logDir !== undefined && !(await makeLogDirectory(logDir))) {
    return { kind: 'infra', reason: 'the directory for logs cannot be used' };
  }
  const warnings: string[] = [];
  if (policy.setup !== undefined) {
    const setup = await runStep(request, { tree: slot.tree, command: policy.setup, isSetup: true });
    if (setup.outcome !== 'green') return ended(setup, slot.tree, []);
    warnings.push(...leftoverWarning(setup));
  }
  const test = await runStep(request, { tree: slot.tree, command: policy.command, isSetup: false });
  if (test.ending === 'passed-uncounted') warnings.push(`tests-uncounted: ${test.reason}`);
  return ended(test, slot.tree, [...warnings, ...leftoverWarning(test)]);
}

function ended(run: RecordedRun, tree: string, warnings: readonly string[]): Retest {
  switch (run.outcome) {
    case 'green':
      return { kind: 'green', run, tree, warnings };
    case 'red':
      return { kind: 'red', run, tree };
    case 'infra':
    case 'tool-failed':
      return { kind: run.outcome, reason: run.reason, run };
  }
}

const leftoverWarning = (run: RecordedRun): readonly string[] =>
  run.leftovers === 0 ? [] : [`leftovers: \`${run.command}\` left ${run.leftovers} processes behind; they were ended`];

interface Step {
  readonly tree: string;
  readonly command: string;
  readonly isSetup: boolean;
}

async function runStep(request: RetestRequest, step: Step): Promise<RecordedRun> {
  const { policy, slotDir, logDir, signal, purpose = 'branch', treeKill = true } = request;
  const startedAt = Date.now();
  const timeoutMs = step.isSetup ? (policy.setupTimeoutMs ?? policy.timeoutMs) : policy.timeoutMs;
  const logName = `${purpose}-${request.commit.slice(0, 12)}${step.isSetup ? '.setup' : ''}.log`;
  const run = await runInGroup({
    command: 'sh',
    args: ['-c', step.command],
    cwd: slotDir,
    env: { allow: [...policy.env], set: policy.setEnv ?? {} },
    timeoutMs,
    containment: treeKill ? 'best' : 'plain',
    output: {
      headBytes: OUTPUT_BYTES,
      tailBytes: OUTPUT_BYTES,
      ...(logDir === undefined ? {} : { logFile: join(logDir, logName) }),
    },
    ...(policy.graceMs === undefined ? {} : { graceMs: policy.graceMs }),
    ...(signal === undefined ? {} : { signal }),
  });
  const recorded = record(request, { step, run, startedAt });
  await askPort('onRun', () => request.onRun?.(recorded));
  return recorded;
}

type CommandRun = Awaited<ReturnType<typeof runInGroup>>;

function record(
  { policy, commit, purpose = 'branch' }: RetestRequest,
  { step, run, startedAt }: { readonly step: Step; readonly run: CommandRun; readonly startedAt: number },
): RecordedRun {
  const { tree, command, isSetup } = step;
  const about = { purpose: isSetup ? 'setup' : purpose, commit, tree, command, startedAt } as const;
  if (run.kind === 'crashed') return { ...about, ...UNRUN, durationMs: Date.now() - startedAt, ...crash(run.error) };
  const output = `${outputText(run.stdout)}\n${outputText(run.stderr)}`;
  const tests = isSetup ? NO_TESTS_EXPECTED : countTests(output);
  const { ending, outcome, reason } = classify(run, { output, tests, minTests: isSetup ? 0 : policy.minTests });
  const failed = isSetup && outcome === 'red' ? [SETUP_FAILED] : tests.failed;
  return {
    ...about,
    durationMs: Math.round(run.timings.totalMs),
    outcome,
    ending,
    reason: isSetup ? `setup: ${reason}` : reason,
    tests: { ...(tests.kind === 'counted' ? { total: tests.ran } : {}), ...(failed.length === 0 ? {} : { failed }) },
    ...(run.kind === 'exited' ? { exitCode: run.code } : {}),
    level: run.level,
    leftovers: run.containment.leftovers.length,
    ...(run.logPath === undefined ? {} : { logPath: run.logPath }),
    excerpt: output.trimEnd().slice(-EXCERPT_CHARS),
  };
}

const UNRUN = { level: 'plain', leftovers: 0 } as const;

/** A full disk under the log file is the machine's trouble; every other crash is a bug of ours. */
function crash(error: Error): Pick<RecordedRun, 'outcome' | 'reason'> {
  const full = /\bENOSPC\b|\bEDQUOT\b/.test(error.message);
  return { outcome: full ? 'infra' : 'tool-failed', reason: `the run could not be supervised: ${error.message}` };
}

const classify = (
  run: GroupRun,
  known: { readonly output: string; readonly tests: TestCount; readonly minTests: number },
): RetestClass => classifyRetestFailure({ run, ...known });
