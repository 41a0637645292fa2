/** The words of `gatehouse agent`; its handler is loaded when it runs. */
import type { Command } from 'commander';
import type { AgentTryOptions } from '../agent-command.ts';
import { reaching, type Session, withSettings } from '../session.ts';

/** Adds the command to the program. */
export function agentCommands(program: Command, session: Session): void {
  const agent = program.command('agent').description("agents of the operator's file");
  const attempt = reaching(
    agent
      .command('try <role>')
      .description('run one role in a scratch clone; shows its prompt, what it left and the verdict'),
  )
    .option('--repo <path-url-or-name>', 'any git repository, or the name of a registered one', '.')
    .option('--policy <file>', "the operator's file, with `agents` (default: that of the registered repository)")
    .option('--branch <name>', 'what it works on (default: HEAD; of a registered one its main)')
    .option('--base <name>', 'where it would land (default: main)')
    .option('--credential <name>', 'the <NAME> of ORCH_CREDENTIAL_<NAME>, for an address that needs one')
    .option('--stage <stage>', 'deploy-staging or deploy, for a deployer')
    .option('--key <key>', 'key of the task it is told of', 'TRY-1')
    .option('--title <title>', 'title of that task', 'Try this agent')
    .option('--description <text>', 'what that task asks for')
    .option('--brief <text>', 'what a check asked to be mended')
    .addHelpText(
      'after',
      '\nNo task, no branch and no mirror is touched. Exit status: 0 the stage would open; 1 it sends the change back; 2 usage; 3 the work is not taken; 75 the machine was in the way.',
    );
  attempt.action((role: string) =>
    withSettings(session, async (settings) => {
      const { agentTry } = await import('../agent-command.ts');
      const options = attempt.opts<AgentTryOptions & { url?: string; token?: string }>();
      const api = async () => (await import('../api-client.ts')).apiClient(settings, options);
      return agentTry(role, options, { settings, terminal: session.terminal, api });
    })(),
  );
}
