/** The process around every command but `run`: signals and streams. */
import { isHangupIgnored, workingDirectory } from '../platform/own-process.ts';
import { EXIT } from './answer.ts';
import { runCli } from './program.ts';

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
  return runCli(words, {
    out: (said) => process.stdout.write(said),
    err: (said) => process.stderr.write(said),
    cwd,
    signal: stopping.signal,
    interactive: process.stdout.isTTY === true,
  });
}
