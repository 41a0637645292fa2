/**
 * `gatehouse simulate`: hands over to the simulator of the checkout. It depends on this service and not the other way
 * round, and it takes the clock away from the process it runs in, so it is a process of its own.
 */
import { fileURLToPath } from 'node:url';
import { exitStatusOf, runInGroup } from '@gatehouse/proc-group';
import { describeCrash } from '@gatehouse/verdict';
import type { Command } from 'commander';
import { readTextFile } from '../platform/files.ts';
import { processEnvironment } from '../settings.ts';
import { type Answer, failure, type Terminal, usage } from './answer.ts';
import type { Session } from './session.ts';

const SIMULATOR = fileURLToPath(new URL('../../../../tools/sim/dist/main.js', import.meta.url));
const PROGRAM_LIMIT = 1024 * 1024;
const LIMIT_MS = 24 * 3_600_000;

export interface SimulateWords {
  readonly seed?: string;
  readonly lifetimes?: string;
  readonly world?: string;
  readonly threads?: string;
  readonly trace?: boolean;
  readonly json?: boolean;
}

export function simulateCommands(program: Command, session: Session): void {
  const simulate = program
    .command('simulate')
    .description('live through faults with the production store, worker and landing; every run replays from its seed')
    .option('--seed <n>', 'a whole number; the same seed lives the same worlds', '1')
    .option('--lifetimes <n>', 'tasks that go from entry to their end', '10000')
    .option('--threads <n>', 'at once; they change nothing but the time it takes', '2')
    .option('--world <n>', 'only this world of the seed, as a violation names it')
    .option('--trace', 'with --world: tell what happens, line by line')
    .option('--json', '{ seed, lifetimes, violations, … } as one object; progress on stderr')
    .addHelpText('after', '\nExit status: 0 no violation; 1 violations, or a fault that never fired; 2 usage.');
  simulate.action(async () => {
    session.answer = await simulateCommand(simulate.opts<SimulateWords>(), session.terminal);
  });
}

export async function simulateCommand(words: SimulateWords, terminal: Terminal): Promise<Answer> {
  const numbers = ['seed', 'lifetimes', 'world', 'threads'] as const;
  const wrong = numbers.find((name) => words[name] !== undefined && !/^\d{1,9}$/.test(words[name]));
  if (wrong !== undefined) return usage(`--${wrong} ${words[wrong]} is not a whole number from 0 to 999999999`);
  if (words.lifetimes === '0') return usage('--lifetimes 0 shows nothing; ask for one at least');
  if (words.trace === true && words.world === undefined)
    return usage('--trace tells about one world; add --world <n>, as a violation names it');
  const simulator = await readTextFile(SIMULATOR, PROGRAM_LIMIT);
  if (simulator.kind !== 'read')
    return failure(
      `the simulator is not built (${SIMULATOR}); it comes with a checkout of the repository: npm run build`,
    );
  const given = numbers.flatMap((name) => (words[name] === undefined ? [] : [`--${name}`, words[name]]));
  const flags = (['trace', 'json'] as const).flatMap((name) => (words[name] === true ? [`--${name}`] : []));
  const run = await runInGroup({
    command: process.execPath,
    args: [SIMULATOR, ...given, ...flags],
    cwd: terminal.cwd,
    env: { allow: Object.keys(processEnvironment()) },
    timeoutMs: LIMIT_MS,
    containment: 'group',
    signal: terminal.signal,
    output: {
      headBytes: 0,
      tailBytes: 0,
      onChunk: (stream, bytes) => (stream === 'stdout' ? terminal.out : terminal.err)(Uint8Array.from(bytes)),
    },
  });
  if (run.kind === 'crashed') return failure(describeCrash(run));
  return run.kind === 'spawn-failed' || run.kind === 'refused'
    ? failure('the simulator cannot be started')
    : { exit: exitStatusOf(run) };
}
