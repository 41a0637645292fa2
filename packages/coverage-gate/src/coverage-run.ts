/** One command of a measurement in its own process group, and what its end means. */
import { join } from 'node:path';
import { type GroupRun, outputText, runInGroup } from '@gatehouse/proc-group';
import type { Crashed } from '@gatehouse/verdict';
import type { CoveragePolicy, InfraOutcome, RecordedRun, UnknownWhy } from './verdict.ts';

export interface RunRequest {
  readonly purpose: RecordedRun['purpose'];
  readonly command: string;
  readonly timeoutMs: number;
  readonly policy: CoveragePolicy;
  readonly slot: { readonly dir: string; readonly commit: string; readonly tree: string };
  readonly logDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onRun?: ((run: RecordedRun) => void | Promise<void>) | undefined;
}

/** How a command ended. `interrupted` is worth a second try; `failed` is not. */
export type CommandEnd =
  | { readonly kind: 'done'; readonly run: RecordedRun; readonly empty: 'proven' | 'unprovable' }
  | {
      readonly kind: 'failed' | 'interrupted';
      readonly run: RecordedRun;
      readonly why: UnknownWhy;
      readonly reason: string;
    }
  | InfraOutcome
  | Crashed;

/** Runs `sh -c command` in the slot and records it. */
export async function runCommand(request: RunRequest): Promise<CommandEnd> {
  const { purpose, command, timeoutMs, policy, slot, logDir, signal } = request;
  const startedAt = Date.now();
  const logFile = logDir === undefined ? null : join(logDir, `${purpose}-${slot.commit.slice(0, 12)}-${startedAt}.log`);
  const group = await runInGroup({
    command: 'sh',
    args: ['-c', command],
    cwd: slot.dir,
    env: { allow: policy.env, set: policy.setEnv ?? {} },
    timeoutMs,
    ...(policy.graceMs === undefined ? {} : { graceMs: policy.graceMs }),
    ...(signal === undefined ? {} : { signal }),
    output: { headBytes: 16_384, tailBytes: 16_384, ...(logFile === null ? {} : { logFile }) },
  });
  if (group.kind === 'crashed') return group;
  const ended = endOf(group, { purpose, timeoutMs });
  const run: RecordedRun = {
    purpose,
    commit: slot.commit,
    tree: slot.tree,
    command,
    startedAt,
    durationMs: Math.round(group.timings.totalMs),
    outcome: ended.kind === 'done' ? 'green' : OUTCOMES[ended.kind],
    ending: endingOf(group),
    reason: 'reason' in ended ? ended.reason : 'exited 0',
    ...(group.kind === 'exited' ? { exitCode: group.code } : {}),
    level: group.level,
    leftovers: group.containment.leftovers.length,
    verified: group.containment.verified,
    ...(group.logPath === undefined ? {} : { logPath: group.logPath }),
  };
  await request.onRun?.(run);
  return ended.kind === 'infra' ? ended : { ...ended, run };
}

const OUTCOMES: { readonly [Kind in 'failed' | 'interrupted' | 'infra']: RecordedRun['outcome'] } = {
  failed: 'tool-failed',
  interrupted: 'infra',
  infra: 'infra',
};

function endingOf(group: GroupRun): RecordedRun['ending'] {
  switch (group.kind) {
    case 'exited':
      if (KILLED_CHILD.includes(group.code)) return 'signalled';
      return group.code === 0 ? 'passed' : 'failed';
    case 'signaled':
      return 'signalled';
    case 'timeout':
      return 'timed-out';
    case 'output-limit':
    case 'cancelled':
    case 'spawn-failed':
    case 'refused':
      return group.kind;
  }
}

type End =
  | { readonly kind: 'done'; readonly empty: 'proven' | 'unprovable' }
  | { readonly kind: 'failed' | 'interrupted'; readonly why: UnknownWhy; readonly reason: string }
  | InfraOutcome;

type EndContext = Pick<RunRequest, 'purpose' | 'timeoutMs'>;

function endOf(group: GroupRun, { purpose, timeoutMs }: EndContext): End {
  const name = purpose === 'setup' ? 'the setup command' : 'the coverage command';
  switch (group.kind) {
    case 'exited':
      return group.code === 0 ? emptyEnd(group, name) : exitedBadly(group, { purpose, name });
    case 'signaled':
      return { kind: 'interrupted', why: 'killed', reason: `${name} was ended by ${group.signal}` };
    case 'timeout':
      return { kind: 'interrupted', why: 'timeout', reason: `${name} took longer than ${timeoutMs} ms` };
    case 'output-limit':
      return { kind: 'failed', why: 'output-limit', reason: `${name} wrote too much output` };
    case 'cancelled':
      return { kind: 'infra', trouble: 'cancelled', reason: `${name} was cancelled: ${group.reason}` };
    case 'spawn-failed':
      return { kind: 'infra', trouble: 'spawn-failed', reason: `${name} could not start: ${group.errno}` };
    case 'refused':
      return { kind: 'infra', trouble: 'refused', reason: `${name} could not start: ${group.reason}` };
  }
}

/** A report may only be read when nothing is left that could still write it. */
function emptyEnd({ level, containment }: GroupRun, name: string): End {
  const provable = level === 'kernel' || level === 'namespace' || level === 'cookie';
  if ((containment.leaked ?? 0) > 0 || (provable && !containment.verified)) {
    return { kind: 'failed', why: 'survivors', reason: `${name} left processes behind that could not be ended` };
  }
  return { kind: 'done', empty: containment.verified ? 'proven' : 'unprovable' };
}

/** A shell answers 128 + n for a child that signal n ended: 9 is what the kernel sends when memory runs out. */
const KILLED_CHILD: readonly number[] = [128 + 9, 128 + 15];

function exitedBadly(
  group: Extract<GroupRun, { readonly kind: 'exited' }>,
  { purpose, name }: { readonly purpose: RecordedRun['purpose']; readonly name: string },
): End {
  if (KILLED_CHILD.includes(group.code)) {
    return { kind: 'interrupted', why: 'killed', reason: `${name} ended with ${group.code}: a child was killed` };
  }
  const said = lastLine(outputText(group.stderr)) || lastLine(outputText(group.stdout));
  const reason = `${name} exited ${group.code}${said === '' ? '' : `: ${said}`}`;
  return { kind: 'failed', why: purpose === 'setup' ? 'setup-failed' : 'command-failed', reason };
}

const lastLine = (text: string): string =>
  (text.trimEnd().split('\n').at(-1) ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200);
