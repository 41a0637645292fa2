#!/usr/bin/env node
/** The process around the command line: signals, streams, exit status. Wiring only. */
import { runCli } from './cli/program.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stopping.abort(new Error(`received ${signal}`)));
// A reader that went away (`| head`) ends us quietly.
process.stdout.on('error', () => process.exit(3));

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  cwd: process.cwd(),
  signal: stopping.signal,
  interactive: process.stdout.isTTY === true,
});
