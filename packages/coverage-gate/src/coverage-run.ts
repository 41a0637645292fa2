/** The commands of a measurement, run on its commit, and what their ends mean for it. */
import { type CommandRun, type CommitRun, type EndedCommand, type Judgement, runOnCommit } from '@gatehouse/gate-run';
import type { GitFailed } from '@gatehouse/git';
import { type GroupRun, outputText } from '@gatehouse/proc-group';
import type { Crashed } from '@gatehouse/verdict';
import type { MeasureRequest } from './measure.ts';
import type { InfraOutcome, UnknownWhy } from './verdict.ts';

/** How the commands ended. `unknown`: one of them ran, and nothing can be measured; `run` is that one. */
export type CommandsEnd =
  | { readonly kind: 'done'; readonly tree: string; readonly diagnostics: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: UnknownWhy; readonly reason: string; readonly run: CommandRun }
  /** The report's place cannot be cleared, so that the command was not tried. */
  | { readonly kind: 'blocked'; readonly reason: string; readonly tree: string }
  | InfraOutcome
  | Crashed;

/** Runs setup and command of the policy in the slot. `prepare` is asked right before the command. */
export async function runCommands(
  request: MeasureRequest,
  { prepare, runs }: { readonly prepare: () => Promise<string | null>; readonly runs: CommandRun[] },
): Promise<CommandsEnd> {
  const { git, slotDir, commit, policy, keep, logDir, onRun, signal } = request;
  const ends: End[] = [];
  const answer = await runOnCommit({
    purpose: 'coverage',
    commit,
    slot: { kind: 'check-out', git, dir: slotDir, keep },
    setup: policy.setup === '' ? undefined : policy.setup,
    command: policy.command,
    timeoutMs: policy.timeoutMs,
    setupTimeoutMs: policy.setupTimeoutMs,
    graceMs: policy.graceMs,
    limits: request,
    env: { allow: policy.env, set: policy.setEnv ?? {} },
    keptBytes: KEPT_BYTES,
    log: logDir === undefined ? undefined : { dir: logDir, name: `coverage-${commit.slice(0, 12)}-${Date.now()}` },
    prepare,
    judge: (command) => {
      const end = endOf(command);
      ends.push(end);
      return judgementOf(end);
    },
    onRun: (run) => {
      if (run.ending !== 'refused') runs.push(run);
      return onRun?.(run);
    },
    signal,
  });
  return commandsEnd(answer, ends);
}

const KEPT_BYTES = 16_384;

function commandsEnd(answer: CommitRun, ends: readonly End[]): CommandsEnd {
  switch (answer.kind) {
    case 'ran':
    case 'setup-failed': {
      if (answer.ended.kind === 'crashed') return answer.ended;
      const last = ends.at(-1);
      if (last === undefined || last.kind === 'infra') return last ?? infra('refused', answer.run.reason);
      if (last.kind === 'unknown') return { ...last, run: answer.run };
      const warnings = answer.kind === 'ran' ? answer.warnings : [];
      return { kind: 'done', tree: answer.run.tree ?? '', diagnostics: [...warnings, ...ends.flatMap(doubtsOf)] };
    }
    case 'unsupervised':
      return answer.crash;
    case 'refused':
      if (answer.run === undefined) return infra('refused', answer.reason);
      return { kind: 'blocked', reason: answer.reason, tree: answer.run.tree ?? '' };
    case 'checkout-failed': {
      const { failure } = answer;
      return failure.kind === 'crashed' ? failure : gitInfra(failure);
    }
    case 'no-logs':
      return infra('no-logs', answer.reason);
    case 'crashed':
      return answer;
  }
}

const infra = (trouble: string, reason: string): InfraOutcome => ({ kind: 'infra', trouble, reason });

/** What a failed git call means for a measurement: nothing about the change or its tools. */
export const gitInfra = ({ op, trouble, stderr }: GitFailed): InfraOutcome =>
  infra(trouble, `git ${op}: ${trouble}${stderr === '' ? '' : ` (${stderr.slice(0, 200)})`}`);

type End =
  | { readonly kind: 'done'; readonly doubts: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: UnknownWhy; readonly reason: string }
  | InfraOutcome;

const doubtsOf = (end: End): readonly string[] => (end.kind === 'done' ? end.doubts : []);

/** A green that proves nothing is none; every other end keeps its meaning, in words of a measurement. */
function judgementOf(end: End): Judgement {
  if (end.kind === 'done') return { reason: 'exited 0' };
  const { reason } = end;
  return end.kind === 'unknown' && end.why === 'survivors' ? { outcome: 'tool-failed', reason } : { reason };
}

function endOf({ step, ended, end, timeoutMs }: EndedCommand): End {
  const name = step === 'setup' ? 'the setup command' : 'the coverage command';
  switch (ended.kind) {
    case 'exited':
      if (ended.code === 0) return quietEnd(ended, step);
      if (end.ending === 'signalled') return unknown('killed', `${name} ended with ${ended.code}: a child was killed`);
      return unknown(
        step === 'setup' ? 'setup-failed' : 'command-failed',
        `${name} exited ${ended.code}${said(ended)}`,
      );
    case 'signaled':
      return unknown('killed', `${name} was ended by ${ended.signal}`);
    case 'unknown':
      return unknown('killed', `how ${name} ended is not known: ${ended.reason}`);
    case 'timeout':
      return unknown('timeout', `${name} took longer than ${timeoutMs} ms`);
    case 'output-limit':
      return unknown('output-limit', `${name} wrote too much output`);
    case 'cancelled':
      return infra('cancelled', `${name} was cancelled: ${ended.reason}`);
    case 'spawn-failed':
      return infra('spawn-failed', `${name} could not start: ${ended.errno}`);
    case 'refused':
      return infra('refused', `${name} could not start: ${ended.reason}`);
  }
}

const unknown = (why: UnknownWhy, reason: string): End => ({ kind: 'unknown', why, reason });

/** A report may only be read when nothing is left that could still write it. */
function quietEnd({ level, containment }: GroupRun, step: EndedCommand['step']): End {
  const provable = level === 'kernel' || level === 'namespace' || level === 'cookie';
  const name = step === 'setup' ? 'the setup command' : 'the coverage command';
  if (containment.verified) return { kind: 'done', doubts: [] };
  const why = containment.unproven ?? '';
  if ((containment.leaked ?? 0) > 0) return unknown('survivors', `${name} left processes behind: ${why}`);
  if (provable) return unknown('survivors', `it could not be proved that nothing of ${name} is left: ${why}`);
  const doubt = `at level ${level} it cannot be proved that nothing of the ${step === 'setup' ? step : 'coverage'} command is left`;
  return { kind: 'done', doubts: [doubt] };
}

function said({ stdout, stderr }: GroupRun): string {
  const line = lastLine(outputText(stderr)) || lastLine(outputText(stdout));
  return line === '' ? '' : `: ${line}`;
}

const SAID_CHARS = 200;

/** Cut between words: what is masked later must not be half a secret. */
function lastLine(text: string): string {
  const line = (text.trimEnd().split('\n').at(-1) ?? '').replace(/\p{Cc}/gu, ' ').trim();
  if (line.length <= SAID_CHARS) return line;
  const kept = line.slice(0, SAID_CHARS).replace(/\S*$/, '').trimEnd();
  return `${kept}${kept === '' ? '' : ' '}(… ${line.length - kept.length} characters more)`;
}
