/** The words of `gatehouse serve`, `demo` and `doctor`. */
import type { Command } from 'commander';
import { asking, reaching, type Session, withSettings } from '../session.ts';

/** Adds the commands to the program. */
export function serviceCommands(program: Command, session: Session): void {
  program
    .command('serve')
    .description('run the service in the foreground')
    .action(
      withSettings(session, async (settings) =>
        (await import('../serve-command.ts')).serveCommand(settings, session.terminal),
      ),
    );
  const demo = program
    .command('demo')
    .description('watch real branches of a small real project pass or fail real gates, in a throw-away directory')
    .option('--once', 'end after the table; exit 0 only if everything ended as it must')
    .option('--forge <kind>', 'gitea: the same at pull requests, on a double of Gitea')
    .option('--json', 'print the outcome as one object');
  demo.action(async () => {
    const { once = false, json = false, forge } = demo.opts<{ once?: boolean; json?: boolean; forge?: string }>();
    const at = forge === undefined ? [] : ['--forge', forge];
    const args = [...(once ? ['--once'] : []), ...(json ? ['--json'] : []), ...at];
    const { runPrivateTool, toolProgram } = await import('../private-tool.ts');
    session.answer = await runPrivateTool({
      title: 'the demo',
      program: toolProgram('demo'),
      args,
      terminal: session.terminal,
    });
  });
  const doctor = reaching(program.command('doctor'))
    .description('what this machine and these settings can do, before a task finds out')
    .option('--repo <name>', 'ask the running service what its forge lacks for this repository')
    .option('--store', 'check every page and index of the store too; it may take a while')
    .option('--print-env', 'print every setting with its default');
  doctor.action(() => {
    const { printEnv, store = false, repo } = doctor.opts<{ printEnv?: boolean; store?: boolean; repo?: string }>();
    if (repo !== undefined)
      return asking(session, doctor, async (api) => (await import('../repo-commands.ts')).repoDoctor(api, repo));
    return withSettings(session, async (settings, warnings) => {
      if (printEnv !== true) return (await import('../doctor-command.ts')).doctorCommand(settings, { warnings, store });
      const env = (await import('../env-example.ts')).envExample();
      return { exit: 0, text: env, json: { env } };
    })();
  });
}
