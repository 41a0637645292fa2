/** The process around `gatehouse run`, apart from the other commands: loading those would cost twenty times the run. */
import {
  exactWords,
  hasTerminal,
  inheritedDescriptors,
  isHangupIgnored,
  isInForeground,
} from '../platform/own-process.ts';
import { visibleJson, visibleText } from '../platform/visible-text.ts';
import type { Answer, OwnProcess, Terminal } from './answer.ts';
import { runCommand } from './run-command.ts';
import { readRunWords } from './run-words.ts';

const OURS = 125;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** `words` begin with `run`. The exit status; never throws on usage. */
export async function runMain(words: readonly string[]): Promise<number> {
  const own = ownProcess();
  const pending: Promise<unknown>[] = [];
  const terminal: Terminal = {
    out: (said) => pending.push(write('stdout', said)),
    err: (said) => pending.push(write('stderr', said)),
    // A command starts where we stand without going there: we may have lost the right to, or the directory its name.
    cwd: '.',
    signal: new AbortController().signal,
    interactive: false,
    own,
  };
  const read = readRunWords(words.slice(1));
  if (read === null) {
    const exit = await (await import('./program.ts')).runCli(words, terminal);
    await Promise.all(pending);
    return exit;
  }
  return say(await runCommand(read.command, read.options, terminal), own, read.options.json);
}

/** As `print`, but a place that takes nothing is our failure. */
async function say(answer: Answer, own: OwnProcess, asJson: boolean): Promise<number> {
  const object = asJson && answer.json !== undefined ? `${visibleJson(answer.json)}\n` : '';
  const failed = object === '' ? null : await own.write('stdout', object);
  const problem = failed === null ? answer.problem : `the result could not be written to stdout: ${failed}`;
  const next = answer.next === undefined ? '' : `  next: ${answer.next}\n`;
  const untold =
    problem === undefined ? null : await own.write('stderr', `gatehouse: ${visibleText(problem)}\n${next}`);
  return failed === null && (untold === null || answer.exit !== 0) ? answer.exit : OURS;
}

function ownProcess(): OwnProcess {
  const ignoresHangup = isHangupIgnored();
  return {
    descriptors: inheritedDescriptors(),
    hasTerminal: hasTerminal(),
    isInForeground,
    isHangupIgnored: ignoresHangup,
    exactWords,
    write,
    onSignal: (listener) => {
      for (const name of SIGNALS)
        process.on(name, () => {
          if (name !== 'SIGHUP' || !ignoresHangup) listener(name);
        });
    },
  };
}

const ignore = (): void => {};

/** A stream is made by its first use, which costs some milliseconds. */
function write(stream: 'stdout' | 'stderr', said: string | Uint8Array): Promise<string | null> {
  const place = process[stream];
  if (!place.listeners('error').includes(ignore)) place.on('error', ignore);
  return new Promise((resolve) =>
    place.write(said, (error) =>
      resolve(error == null ? null : ((error as NodeJS.ErrnoException).code ?? error.message)),
    ),
  );
}
