/** The words of `gatehouse flaky`. */
import type { Command } from 'commander';
import { asking, reaching, type Session } from '../session.ts';

const HELP = `
A test that was red and green on one tree, under one gate definition and in one environment is flaky by proof: the code was the
same. Proofs come from the runs that the gates make anyway; nothing is run for this list.

What a red that does not repeat means is decided by gatehouse.yaml on main, or by the operator's file:
  test:
    flaky: quarantine        # pass: land with a warning (default); block: hold back, blame nobody
    quarantine:              # at most 20; these run and are shown, and do not decide
      - { name: "suite > test", owner: ann, reason: races with the clock, expires: 2027-01-31 }
Copy the name from this list (--json shows it whole). After its last day an entry has no effect, and the list says \`decides\`.`;

/** Adds the command to the program. */
export function flakyCommand(program: Command, session: Session): void {
  const flaky = reaching(program.command('flaky').description('tests that were red and green on one tree'))
    .option('--repo <id>', 'only of this repository')
    .addHelpText('after', HELP);
  flaky.action(() =>
    asking(session, flaky, async (api) =>
      (await import('../flaky-command.ts')).showFlaky(api, flaky.opts<{ repo?: string }>().repo),
    ),
  );
}
