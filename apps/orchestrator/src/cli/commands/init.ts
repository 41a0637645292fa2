/** The words of `gatehouse init`; its handler is loaded when it runs. */
import type { Command } from 'commander';
import type { InitOptions } from '../init/init-command.ts';
import { type Session, withSettings } from '../session.ts';

/** Adds the command to the program. */
export function initCommands(program: Command, session: Session): void {
  const init = program
    .command('init')
    .description('write a first gatehouse.yaml from what the repository says, and try it on main')
    .option('--repo <path>', 'a clone', '.')
    .option('--base <name>', 'the branch that changes land on (default: main, else master)')
    .option('--force', 'replace a gatehouse.yaml that is there')
    .option('--dry-run', 'show the file and try it on main, write nothing')
    .option('--no-proof', 'do not try it on main')
    .option('--json', 'one object')
    .addHelpText(
      'after',
      '\nExit status: 0 main is green under it; 1 it is not, the file is written all the same; 2 usage; 3 error.',
    );
  init.action(() =>
    withSettings(session, async (settings) => {
      const { initCommand } = await import('../init/init-command.ts');
      return initCommand(init.opts<InitOptions>(), settings, session.terminal);
    })(),
  );
}
