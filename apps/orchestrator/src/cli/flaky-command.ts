/** `gatehouse flaky`: tests that were red and green on one tree, and who has put which of them into quarantine. */
import { z } from '@hono/zod-openapi';
import { flakyView, quarantineText } from '../http/flaky-view.ts';
import { repoView } from '../http/views.ts';
import { visibleStart } from '../platform/visible-text.ts';
import { type Answer, type Text, table } from './answer.ts';
import { type Api, everyPage } from './api-client.ts';
import { shown } from './remote-commands.ts';

const NAME_CHARS = 100;

export async function showFlaky(api: Api, repo: string | undefined): Promise<Answer> {
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

const textOf = (rows: readonly z.infer<typeof flakyView>[]): Text =>
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
