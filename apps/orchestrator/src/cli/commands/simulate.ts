/** The words of `gatehouse simulate`. */
import type { Command } from 'commander';
import type { Session } from '../session.ts';
import type { SimulateWords } from '../simulate-command.ts';

/** Adds the command to the program. */
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
    session.answer = await (await import('../simulate-command.ts')).simulateCommand(
      simulate.opts<SimulateWords>(),
      session.terminal,
    );
  });
}
