/** One command of a run: a place for its log, its own process group, its record. */
import { join } from 'node:path';
import { outputText, runInGroup } from '@gatehouse/proc-group';
import { whyNoLogs } from './adapters/log-directory.ts';
import type { OpenWorld } from './adapters/open-world.ts';
import { callPort } from './call-port.ts';
import type { CommandTimes } from './fit-deadline.ts';
import { binaryPlaces, homeVariables, type PrivateHome } from './home.ts';
import { type CommandAbout, recordCrash, recordEnd } from './record-command.ts';
import type { Command, RunRequest } from './request.ts';
import type { CommandRun, NoLogs, Ran, Unsupervised } from './verdict.ts';

const KEPT_BYTES = 1_048_576;

/** A request that may be carried out. */
export interface Run {
  readonly request: RunRequest;
  readonly times: CommandTimes;
  readonly tree: string | null;
  readonly warnings: string[];
  /** Shared by setup and command; null: each has one of its own. */
  readonly home: PrivateHome | null;
  /** What separates the commands from this process; null: nothing does. */
  readonly world: OpenWorld | null;
}

/** One command of a run. */
export interface Step {
  readonly name: 'setup' | 'command';
  readonly command: Command;
  readonly timeoutMs: number;
}

/** Runs one command in its own process group, and records it. */
export async function runStep(run: Run, step: Step): Promise<Ran | Unsupervised | NoLogs> {
  const { request, times, tree, warnings, home, world } = run;
  const { slot, env = {}, limits = {}, log, keptBytes = KEPT_BYTES, signal } = request;
  // Asked before each command: the place that held the log of one may be closed to the next.
  const code = log === undefined ? null : await whyNoLogs(log.dir);
  if (code !== null) return { kind: 'no-logs', reason: `the directory for logs cannot be used (${code})` };
  const about = aboutOf(run, step);
  const logName = `${log?.name ?? ''}${step.name === 'setup' ? '.setup' : ''}.log`;
  const ended = await runInGroup({
    ...programOf(step.command),
    cwd: slot.dir,
    env: {
      allow: [...(env.allow ?? [])],
      set: home === null ? { ...env.set } : homeVariables(home, env),
      morePath: home === null ? [] : binaryPlaces(home, env),
    },
    timeoutMs: step.timeoutMs,
    graceMs: times.graceMs,
    // What opens a world is found again by its marks alone, so a switch that takes them off is not for it.
    containment: limits.treeKill === false && world?.inside === undefined ? 'plain' : 'best',
    ...(world?.inside === undefined ? {} : { inside: world.inside }),
    ...(world?.runAs === undefined ? {} : { runAs: world.runAs }),
    output: {
      headBytes: keptBytes,
      tailBytes: keptBytes,
      ...(log === undefined ? {} : { logFile: join(log.dir, logName) }),
    },
    ...(signal === undefined ? {} : { signal }),
  });
  if (ended.kind === 'crashed')
    return { kind: 'unsupervised', run: await recorded(run, recordCrash(about, ended)), crash: ended };
  const output = `${outputText(ended.stdout)}\n${outputText(ended.stderr)}`;
  const record = await recorded(
    run,
    await recordEnd(request, { step: step.name, about, ended, output, timeoutMs: step.timeoutMs }),
  );
  return { kind: 'ran', run: record, ended, output, tree, warnings };
}

const programOf = (command: Command): { readonly command: string; readonly args: readonly string[] } =>
  typeof command === 'string'
    ? { command: 'sh', args: ['-c', command] }
    : { command: command.program, args: [...command.args] };

/** What is known of a command before it runs. */
export const aboutOf = ({ request, tree }: Run, { name, command }: Step): CommandAbout => ({
  purpose: name === 'setup' ? 'setup' : request.purpose,
  commit: request.commit,
  tree,
  command: typeof command === 'string' ? command : command.shown,
  startedAt: Date.now(),
});

/** A record that cannot be kept costs a warning, never the verdict. */
export async function recorded({ request: { onRun }, warnings }: Run, run: CommandRun): Promise<CommandRun> {
  if (onRun === undefined) return run;
  const answer = await callPort('onRun', () => onRun(run));
  if (answer.kind === 'crashed')
    warnings.push(`the ${run.purpose} command could not be recorded: ${answer.error.message}`);
  return run;
}
