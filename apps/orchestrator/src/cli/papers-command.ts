/** `gatehouse task paper`: what the branch of a task says in words, for the person who approves it. */
import type { z } from '@hono/zod-openapi';
import { papersView } from '../http/routes/papers.ts';
import { type Answer, EXIT, usage } from './answer.ts';
import type { Api } from './api-client.ts';
import { shown } from './remote-commands.ts';

type Paper = z.infer<typeof papersView>['papers'][number];

/** The one paper, or that of the name; of several the names. */
export async function taskPaper(api: Api, id: string, name: string | undefined): Promise<Answer> {
  const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`;
  const asked = api.get(`/tasks/${encodeURIComponent(id)}/papers${query}`);
  const answer = await shown(asked, papersView, ({ papers }) => textOf(id, papers));
  if (answer.exit !== EXIT.pass || name === undefined || papersView.parse(answer.json).papers.length > 0) return answer;
  return usage(`${id} has no paper ${JSON.stringify(name)}`, `gatehouse task paper ${id}`);
}

function textOf(id: string, papers: readonly Paper[]): string {
  const [first, ...others] = papers;
  if (first === undefined)
    return `${id} has no paper on its branch yet; gatehouse task show ${id} says where it stands`;
  if (others.length === 0) return first.text.trimEnd();
  return papers.map(({ name }) => `gatehouse task paper ${id} ${quoted(name)}`).join('\n');
}

const quoted = (name: string): string =>
  /^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
