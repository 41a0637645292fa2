/** The words of what an operator does besides landing branches: pause, resume, leases, logs, baseline. */
import type { Command } from 'commander';
import type { BaselineOptions } from '../operator-commands.ts';
import { asking, reaching, type Session } from '../session.ts';

const handlers = () => import('../operator-commands.ts');

/** Adds the commands to the program. */
export function operatorCommands(program: Command, session: Session): void {
  for (const [name, says] of [
    ['pause', 'claim nothing more, of one repository or of all; what runs is let finish'],
    ['resume', 'claim again'],
  ] as const) {
    const command = reaching(program.command(name).description(says)).option('--repo <name>', 'only this one');
    command.action(() =>
      asking(session, command, async (api) =>
        (await handlers()).hold(api, name, command.opts<{ repo?: string }>().repo),
      ),
    );
  }
  const leases = reaching(program.command('leases').description('who may move which main, and who is in line'));
  leases.action(() => asking(session, leases, async (api) => (await handlers()).showLeases(api)));

  const logs = reaching(program.command('logs <job-or-task>').description('what a job printed, running or ended'))
    .option('--tail <bytes>', 'how much of the end of each command', '65536')
    .addHelpText(
      'after',
      '\nThe number of a job is in `gatehouse queue` and in `gatehouse task show TASK`; of a task it is the newest job.',
    );
  logs.action((name: string) =>
    asking(session, logs, async (api) => (await handlers()).showLog(api, name, logs.opts<{ tail: string }>().tail)),
  );

  const baseline = program.command('baseline').description('what the coverage of a branch is compared with');
  const show = reaching(baseline.command('show').description('every baseline and how it moved'));
  show.action(() => asking(session, show, async (api) => (await handlers()).showBaselines(api)));
  const set = reaching(
    baseline.command('set').description('set one by hand, up or down; kept with your name and reason'),
  )
    .requiredOption('--repo <name>', 'registered repository')
    .requiredOption('--covered <lines>', 'covered lines')
    .requiredOption('--total <lines>', 'lines in all')
    .requiredOption('--reason <text>', 'why')
    .option('--branch <branch>', 'where branches land (default: the main of the repository)')
    .option('--command-hash <sha256>', 'which coverage command, where there are several');
  set.action(() =>
    asking(session, set, async (api) => (await handlers()).setBaseline(api, set.opts<BaselineOptions>())),
  );
}
