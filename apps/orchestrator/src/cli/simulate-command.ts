/** `gatehouse simulate`: checks its words and hands over to the simulator of the checkout (tools/sim). */
import type { Command } from 'commander';
import { type Answer, type Terminal, usage } from './answer.ts';
import { runPrivateTool, toolProgram } from './private-tool.ts';
import type { Session } from './session.ts';

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
  const given = numbers.flatMap((name) => (words[name] === undefined ? [] : [`--${name}`, words[name]]));
  const flags = (['trace', 'json'] as const).flatMap((name) => (words[name] === true ? [`--${name}`] : []));
  return runPrivateTool({
    title: 'the simulator',
    program: toolProgram('sim'),
    args: [...given, ...flags],
    terminal,
  });
}
