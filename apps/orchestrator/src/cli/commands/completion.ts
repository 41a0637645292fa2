/** The words of `gatehouse completion`. */
import { Argument, type Command } from 'commander';
import type { Session } from '../session.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Adds the command to the program. */
export function completionCommand(program: Command, session: Session): void {
  program
    .command('completion')
    .description('print the script that completes our words in a shell')
    .addArgument(new Argument('<shell>', 'whose script').choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completionScript } = await import('../completion.ts');
      session.answer = { exit: 0, text: completionScript(shell, program) };
    });
}
