/** `gatehouse flaky`: tests that were red and green on one tree, and who has put which of them into quarantine. */
import { z } from '@hono/zod-openapi';
import type { Command } from 'commander';
import { flakyView, quarantineText } from '../http/flaky-view.ts';
import { repoView } from '../http/views.ts';
import { visibleStart } from '../platform/visible-text.ts';
import { type Answer, table } from './answer.ts';
import { type Api, everyPage } from './api-client.ts';
import { shown } from './remote-commands.ts';
import { asking, reaching, type Session } from './session.ts';

const NAME_CHARS = 100;

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
  flaky.action(() => asking(session, flaky, (api) => showFlaky(api, flaky.opts<{ repo?: string }>().repo)));
}

async function showFlaky(api: Api, repo: string | undefined): Promise<Answer> {
  const ids = repo === undefined ? await repoIds(api) : [repo];
  if ('exit' in ids) return ids;
  const rows: z.infer<typeof flakyView>[] = [];
  for (const id of ids) {
    const asked = everyPage(api, `/repos/${encodeURIComponent(id)}/flaky`);
    const answer = await shown(asked, z.array(flakyView), () => '');
    if (answer.exit !== 0) return answer;
    rows.push(...z.array(flakyView).parse(answer.json));
  }
  return { exit: 0, json: { flaky: rows }, text: rows.length === 0 ? NOTHING : textOf(rows) };
}

async function repoIds(api: Api): Promise<readonly string[] | Answer> {
  const repos = z.array(repoView);
  const answer = await shown(everyPage(api, '/repos'), repos, () => '');
  return answer.exit === 0 ? repos.parse(answer.json).map(({ id }) => id) : answer;
}

const NOTHING = 'no test is known as flaky: none was red and green on one tree so far';

const textOf = (rows: readonly z.infer<typeof flakyView>[]): string =>
  table(
    ['repository', 'test', 'red', 'green', 'trees', 'last seen', 'quarantine'],
    rows.map((row) => [
      row.repo,
      visibleStart(row.name, NAME_CHARS),
      String(row.reds),
      String(row.greens),
      String(row.trees),
      row.last_seen ?? '-',
      quarantineText(row.quarantine) || '-',
    ]),
  );
