/** A task as people call it: by its id, its key or its branch. */
import { z } from '@hono/zod-openapi';
import { taskView } from '../http/views.ts';
import { type Answer, EXIT, usage } from './answer.ts';
import type { Api } from './api-client.ts';
import { shown } from './remote-commands.ts';

type NamedTask =
  | { readonly kind: 'found'; readonly id: string }
  | { readonly kind: 'refused'; readonly answer: Answer };

/** Ids are told from names by their looks, so that who has one asks the service once. */
const isTaskId = (name: string): boolean => /^t-[0-9a-f]+$/.test(name);

/** The one task that is not over; where all of that name are, the newest of them. */
async function taskNamed(api: Api, name: string): Promise<NamedTask> {
  if (isTaskId(name)) return { kind: 'found', id: name };
  const called = z.array(taskView);
  const answer = await shown(api.get(`/tasks?called=${encodeURIComponent(name)}`), called, () => '');
  if (answer.exit !== EXIT.pass) return { kind: 'refused', answer };
  // A service that does not know the question answers with all of its tasks.
  const tasks = called.parse(answer.json).filter(({ id, key, branch }) => [id, key, branch].includes(name));
  const live = tasks.filter(({ status }) => status !== 'ended');
  const [task, another] = live.length > 0 ? live : tasks.slice(0, 1);
  if (task === undefined)
    return refused(`no task is called ${JSON.stringify(name)}, by its id, key or branch`, 'gatehouse task ls');
  if (another === undefined) return { kind: 'found', id: task.id };
  const each = live.map(({ id, repo }) => `${id} (${repo})`).join(', ');
  return refused(`${live.length} tasks are called ${JSON.stringify(name)}: ${each}; name one by its id`);
}

/** Does it to the task that is called so. */
export const onTask = (api: Api, name: string, body: (id: string) => Promise<Answer>): Promise<Answer> =>
  onTasks(api, [name], ([id = name]) => body(id));

/** Does it with the ids of all of them. */
export async function onTasks(
  api: Api,
  names: readonly string[],
  body: (ids: readonly string[]) => Promise<Answer>,
): Promise<Answer> {
  const ids: string[] = [];
  for (const name of names) {
    const task = await taskNamed(api, name);
    if (task.kind === 'refused') return task.answer;
    ids.push(task.id);
  }
  return body(ids);
}

const refused = (problem: string, next?: string): NamedTask => ({ kind: 'refused', answer: usage(problem, next) });
