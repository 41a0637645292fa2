/** The words of `gatehouse audit`; its handler is loaded when it runs. */
import type { Command } from 'commander';
import type { AuditOptions } from '../audit-command.ts';
import { reaching, type Session, summing, withSettings } from '../session.ts';

/** Adds the command to the program. */
export function auditCommands(program: Command, session: Session): void {
  const audit = reaching(
    summing(
      program
        .command('audit')
        .description('what stands on main already: secrets, vulnerable dependencies, lockfiles, large files')
        .option('--repo <path-url-or-name>', 'any git repository, or the name of a registered one', '.')
        .option('--base <name>', 'what to look at: main, origin/main, HEAD, a commit (default: main)')
        .option('--history', 'also what earlier commits hold and main does not any more')
        .option('--config <file>', "gate definition; wins over the repository's gatehouse.yaml")
        .option('--fetch', 'bring what a shallow or partial clone lacks from its remote; moves no local branch')
        .option('--credential <name>', 'the <NAME> of ORCH_CREDENTIAL_<NAME>, for an address that needs one'),
    ),
  ).addHelpText(
    'after',
    `
It reads, and runs nothing of the repository. A finding says what to do; accept
a false one in security.allow of gatehouse.yaml. Vulnerabilities are asked for
where a feed is configured (ORCH_OSV_URL and its like; gatehouse doctor).
Exit status: 0 nothing found, 1 findings, 2 usage, 3 it could not be told, 75 a
feed that must answer does not.`,
  );
  audit.action(() =>
    withSettings(session, async (settings) => {
      const { auditCommand } = await import('../audit-command.ts');
      const options = audit.opts<AuditOptions & { url?: string; token?: string }>();
      const api = async () => (await import('../api-client.ts')).apiClient(settings, options);
      return auditCommand(options, { settings, terminal: session.terminal, api });
    })(),
  );
}
