/** The process around every command but `run`: signals and streams. */
import { isHangupIgnored, workingDirectory } from '../platform/own-process.ts';
import { EXIT } from './answer.ts';
import { lookOf } from './look.ts';
import { runCli } from './program.ts';
import { OWN_CLOCK, progressAt } from './progress.ts';

/** The exit status. */
export async function commandMain(words: readonly string[]): Promise<number> {
  const cwd = workingDirectory();
  if (cwd === null) {
    process.stderr.write('gatehouse: the working directory was removed; change to another\n');
    return EXIT.error;
  }
  const isProtected = isHangupIgnored();
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (signal !== 'SIGHUP' || !isProtected) stopping.abort(new Error(`received ${signal}`));
    });
  // A reader that went away (`| head`) ends us quietly.
  process.stdout.on('error', () => process.exit(3));
  const progress = progressAt({
    ...OWN_CLOCK,
    write: (text) => process.stderr.write(text),
    columns: lookOf(process.stderr).columns,
  });
  const after =
    (write: (said: string | Uint8Array) => void) =>
    (said: string | Uint8Array): void => {
      progress.clear();
      write(said);
    };
  return runCli(words, {
    out: after((said) => process.stdout.write(said)),
    err: after((said) => process.stderr.write(said)),
    look: (color) => lookOf(process.stdout, color),
    progress,
    cwd,
    signal: stopping.signal,
    interactive: process.stdout.isTTY === true,
  });
}
