/** The demo as a program, for `npm start` and `gatehouse demo`: signals, streams, exit status. Wiring only. */
import {
  type Answer,
  isHangupIgnored,
  print,
  readSettings,
  type Terminal,
  usage,
} from '@gatehouse/orchestrator/testing';
import { demoCommand } from './demo-command.ts';

const KNOWN = new Set(['--once', '--json']);
const words = process.argv.slice(2);
const stopping = new AbortController();
const isProtected = isHangupIgnored();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (signal !== 'SIGHUP' || !isProtected) stopping.abort(new Error(`received ${signal}`));
  });
// A reader that went away (`| head`) ends the demo without an error.
process.stdout.on('error', () => process.exit(3));

const terminal: Terminal = {
  out: (said) => process.stdout.write(said),
  err: (said) => process.stderr.write(said),
  cwd: process.cwd(),
  signal: stopping.signal,
  interactive: process.stdout.isTTY === true,
};
process.exitCode = print(await answerFor(words), terminal, words.includes('--json'));

async function answerFor(given: readonly string[]): Promise<Answer> {
  const unknown = given.find((word) => !KNOWN.has(word));
  if (unknown !== undefined) return usage(`the demo does not know ${unknown}; it takes --once and --json`);
  const read = readSettings();
  return read.kind === 'settings'
    ? demoCommand({ once: given.includes('--once') }, read.settings, terminal)
    : usage(read.problems.join('\n           '));
}
