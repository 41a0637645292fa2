/** The demo as a program, for `npm start` and `gatehouse demo`: signals, streams, exit status. Wiring only. */
import {
  type Answer,
  isHangupIgnored,
  lookOf,
  print,
  readSettings,
  type Terminal,
  usage,
} from '@gatehouse/orchestrator/testing';
import { demoCommand } from './demo-command.ts';
import { forgeDemo } from './forge-demo.ts';

const KNOWN = new Set(['--once', '--json', '--forge']);
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
  look: (color) => lookOf(process.stdout, color),
};
process.exitCode = print(await answerFor(words), terminal, { asJson: words.includes('--json'), command: 'demo' });

async function answerFor(given: readonly string[]): Promise<Answer> {
  const at = given.indexOf('--forge');
  const forge = at < 0 ? null : (given[at + 1] ?? '');
  const unknown = given.find((word, index) => !KNOWN.has(word) && (at < 0 || index !== at + 1));
  if (unknown !== undefined)
    return usage(`the demo does not know ${unknown}; it takes --once, --json and --forge gitea`);
  if (forge !== null && forge !== 'gitea')
    return usage('the demo plays at --forge gitea, or at a bare repository without it');
  const read = readSettings();
  if (read.kind !== 'settings') return usage(read.problems.join('\n           '));
  const options = { once: given.includes('--once') };
  return forge === null ? demoCommand(options, read.settings, terminal) : forgeDemo(options, read.settings, terminal);
}
