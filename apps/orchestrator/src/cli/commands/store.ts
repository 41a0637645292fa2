/** The words of `gatehouse backup` and `gatehouse restore`. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Session, withSettings } from '../session.ts';

const handlers = () => import('../store-commands.ts');

/** Adds the commands to the program. */
export function storeCommands(program: Command, session: Session): void {
  const backup = program
    .command('backup')
    .description(
      'copy the store, also while the service runs; every page of the copy is checked before it has its name',
    )
    .option('--to <file>', 'where to (default: backups/ in the data directory, named by the time)')
    .option('--json', 'one object');
  backup.action(() =>
    withSettings(session, async (settings) =>
      (await handlers()).backupCommand(settings, { cwd: session.terminal.cwd, ...backup.opts<{ to?: string }>() }),
    )(),
  );
  const put = program
    .command('restore <copy>')
    .description(
      'put a copy of the store at its place while no service runs; what is there is set aside, never deleted',
    )
    .option('--json', 'one object');
  put.action((copy: string) =>
    withSettings(session, async (settings) =>
      (await handlers()).restoreCommand(settings, resolve(session.terminal.cwd, copy)),
    )(),
  );
}
