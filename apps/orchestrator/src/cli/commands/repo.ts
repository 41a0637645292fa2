/** The words of `gatehouse repo`. */
import { type Command, Option } from 'commander';
import type { Place, RepoOptions } from '../repo-commands.ts';
import { asking, reaching, type Session } from '../session.ts';

const handlers = () => import('../repo-commands.ts');

/** Adds the commands to the program. */
export function repoCommands(program: Command, session: Session): void {
  const repo = program.command('repo').description('repositories the service lands branches of');
  const add = reaching(
    repo
      .command('add <name-or-address>')
      .description('register a bare repository on this machine, or one at an address'),
  )
    .option('--path <dir>', 'the bare repository on this machine')
    .option('--name <name>', 'what an address is called here (default: its last part)')
    .addOption(
      new Option(
        '--forge <kind>',
        'what serves the address (default: by ORCH_GITEA_URL and ORCH_GITHUB_URL, else git)',
      ).choices(['local', 'git', 'gitea', 'github']),
    )
    .option('--credential <name>', 'the <NAME> of ORCH_CREDENTIAL_<NAME> or ORCH_CREDENTIAL_<NAME>_SSH_KEY')
    .option('--main <branch>', 'where branches land (default: main)')
    .option('--policy <file>', "operator's gate definition for it; wins over its own gatehouse.yaml")
    .addOption(
      new Option('--profile <profile>', 'gates-only: a queue for branches; full: agents do every stage').choices([
        'gates-only',
        'full',
      ]),
    )
    .addHelpText(
      'after',
      '\nAn address is https://host/owner/name, ssh://git@host/owner/name or git@host:owner/name, and never holds a password or token.',
    );
  add.action((what: string) =>
    asking(session, add, async (api) =>
      (await handlers()).repoAdd(api, what, { ...add.opts<RepoOptions>(), cwd: session.terminal.cwd }),
    ),
  );
  const thaw = reaching(
    repo.command('thaw <name>').description('land again after a landing that main denied; look at main first'),
  );
  thaw.action((name: string) => asking(session, thaw, async (api) => (await handlers()).repoThaw(api, name)));
  const set = reaching(
    repo
      .command('set <name>')
      .description('say where it is now, or which branch is landed on; what is there is accepted'),
  )
    .option('--address <address>', 'https://…, git@…, or the path of a bare repository on this machine')
    .option('--main <branch>', 'where branches land from now on');
  set.action((name: string) =>
    asking(session, set, async (api) => (await handlers()).repoSet(api, name, set.opts<Place>())),
  );
  const ls = reaching(repo.command('ls').description('list them'));
  ls.action(() => asking(session, ls, async (api) => (await handlers()).repoList(api)));
}
