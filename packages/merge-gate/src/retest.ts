/** Runs the trusted commands on one exact commit in a slot, each in its own process group, and says how it ended. */

import { join } from 'node:path';
import { checkoutSlot, type GitRepo } from '@gatehouse/git';
import { runInGroup } from '@gatehouse/proc-group';
import type { MachineFault } from '@gatehouse/verdict';
import { whyNoLogs } from './adapters/log-directory.ts';
import { clearReport } from './adapters/report-files.ts';
import { callPort } from './call-port.ts';
import { gitFault } from './git-fault.ts';
import { parsePolicy } from './parse-request.ts';
import { type EndedCommand, recordRun } from './record-run.ts';
import type { TestPolicy } from './request.ts';
import type { RecordedRun } from './verdict.ts';

export interface RetestRequest {
  readonly git: GitRepo;
  readonly slotDir: string;
  readonly commit: string;
  readonly policy: TestPolicy;
  /** What the run is for, in the record. Default `branch`. */
  readonly purpose?: 'branch' | 'branch-again' | 'base' | 'probe';
  readonly logDir?: string;
  /** Default true; off is a plain spawn. */
  readonly treeKill?: boolean;
  /** Deadline of each single git call. */
  readonly gitTimeoutMs?: number;
  readonly onRun?: (run: RecordedRun) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** `red` is an observation and no verdict: only a certificate blames. `run` is the command that decided. */
export type Retest =
  | { readonly kind: 'green'; readonly run: RecordedRun; readonly tree: string; readonly warnings: readonly string[] }
  | { readonly kind: 'red'; readonly run: RecordedRun; readonly tree: string }
  | { readonly kind: 'infra'; readonly reason: string; readonly run?: RecordedRun; readonly trouble?: MachineFault }
  | {
      readonly kind: 'tool-failed';
      readonly reason: string;
      readonly run?: RecordedRun;
      readonly trouble?: MachineFault;
    };

const OUTPUT_BYTES = 1_048_576;

/** Checks the commit out, runs setup and test command, and classifies. Leaves the slot as the commands left it. */
export async function retestBranch(request: RetestRequest): Promise<Retest> {
  const policy = parsePolicy({ ...request.policy });
  if (policy.kind === 'invalid') return { kind: 'tool-failed', reason: policy.reason };
  const { git, slotDir, commit, signal } = request;
  const slot = await checkoutSlot({ repo: git, dir: slotDir, commit, signal, timeoutMs: request.gitTimeoutMs });
  if (slot.kind !== 'ready') return gitFault('checkout', slot);
  return retestInSlot({ ...request, policy: policy.value }, slot.tree);
}

/** The same for a slot that was checked out a moment ago at this very commit, whose tree is `tree`, and not used since. */
export async function retestInSlot(request: RetestRequest, tree: string): Promise<Retest> {
  const { policy } = request;
  const warnings: string[] = [];
  if (policy.setup !== undefined) {
    const unlogged = await withoutLogs(request);
    if (unlogged !== null) return unlogged;
    const setup = await runStep(request, { tree, command: policy.setup, isSetup: true });
    if (setup.outcome !== 'green') return ended(setup, tree, []);
    warnings.push(...leftoverWarning(setup));
  }
  const unlogged = await withoutLogs(request);
  if (unlogged !== null) return unlogged;
  const test = await runStep(request, { tree, command: policy.command, isSetup: false });
  return ended(test, tree, [...warnings, ...countWarnings(test, policy), ...leftoverWarning(test)]);
}

/** Asked before each command: the place that held the log of one may be closed to the next. */
async function withoutLogs({ logDir }: RetestRequest): Promise<Retest | null> {
  const code = logDir === undefined ? null : await whyNoLogs(logDir);
  return code === null ? null : { kind: 'infra', reason: `the directory for logs cannot be used (${code})` };
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

/** A green that is weaker than it looks is said loudly. */
function countWarnings({ ending, reason, tests }: RecordedRun, { minTests }: TestPolicy): readonly string[] {
  if (ending === 'passed-uncounted')
    return [
      `tests-uncounted: ${reason}; nothing shows that at least ${minTests} ran. Print a summary or name a test report`,
    ];
  const ignored = tests?.details?.length ?? 0;
  return ending === 'passed' && ignored > 0
    ? [`failures-ignored: the command exited 0 although its report names failing tests (${tests?.failed?.[0] ?? ''})`]
    : [];
}

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
  const { testReport } = policy;
  const blocked = step.isSetup || testReport === undefined ? null : await clearReport(slotDir, testReport.path);
  if (blocked !== null) return unrunnable(request, { step, startedAt, reason: `the test report: ${blocked}` });
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
  const about = aboutStep(request, { step, startedAt });
  return told(request, await recordRun({ run, about, policy, slotDir }));
}

/** A policy that cannot be carried out in this tree; nothing is run, and nobody is blamed. */
function unrunnable(
  request: RetestRequest,
  { step, startedAt, reason }: { readonly step: Step; readonly startedAt: number; readonly reason: string },
): Promise<RecordedRun> {
  const about = aboutStep(request, { step, startedAt });
  const unrun = {
    durationMs: 0,
    level: 'plain',
    leftovers: 0,
    verified: true,
    outcome: 'tool-failed',
    ending: 'refused',
  } as const;
  return told(request, { ...about, ...unrun, reason });
}

const aboutStep = (
  { commit, purpose = 'branch' }: RetestRequest,
  { step, startedAt }: { readonly step: Step; readonly startedAt: number },
): EndedCommand['about'] => ({
  purpose: step.isSetup ? 'setup' : purpose,
  commit,
  tree: step.tree,
  command: step.command,
  startedAt,
});

async function told(request: RetestRequest, run: RecordedRun): Promise<RecordedRun> {
  await callPort('onRun', () => request.onRun?.(run));
  return run;
}
