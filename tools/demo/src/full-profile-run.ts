/** Enqueues the tasks for agents over HTTP like any client, and approves or stops them where the demo plays the person. */
import type { Answer, Api, Terminal } from '@gatehouse/orchestrator/testing';
import type { FullProfileSetup } from './full-profile-setup.ts';
import { stopWhileRunning } from './stop-while-running.ts';
import { isDoneOrCancelled, isOver, type TaskView, watchTasks } from './watch.ts';

export interface RunFullProfileRequest {
  readonly setup: FullProfileSetup;
  readonly api: Api;
  /** Epoch ms. */
  readonly deadline: number;
  readonly terminal: Terminal;
}

export type RunFullProfileResult =
  /** Task by the scenario's key; and where each stands that had not ended at the deadline, one line each. */
  | { readonly kind: 'ended'; readonly ids: ReadonlyMap<string, string>; readonly late: readonly string[] }
  | { readonly kind: 'stopped'; readonly answer: Answer };

/** Ends when every task has, but for those that wait for a person the demo does not play, or at the deadline. */
export async function runFullProfile(request: RunFullProfileRequest): Promise<RunFullProfileResult> {
  const { setup, api, deadline, terminal } = request;
  const registered = await api.post('/repos', {
    id: setup.repo,
    path: setup.forge,
    policy_path: setup.policy,
    profile: 'full',
  });
  if (registered.kind !== 'ok') return { kind: 'stopped', answer: registered.answer };
  const ids = new Map<string, string>();
  const refused = await addTasks(request, ids);
  if (refused !== null) return { kind: 'stopped', answer: refused };
  const stops = setup.scenarios.map(async ({ key, expected }) => {
    const id = ids.get(key);
    if (id !== undefined && expected.end === 'stopped')
      await stopWhileRunning({ api, id, marker: expected.whileRunning, deadline, terminal });
  });
  const watched = await watchTasks({
    api,
    ids,
    deadline,
    terminal,
    act: (tasks) => approveAll(request, tasks),
    isOpen: (task, tasks) => !isOver(task) && !waitsForPerson({ setup, ids, tasks, task }),
  });
  if (watched.kind === 'stopped') return watched;
  await Promise.all(stops);
  return { kind: 'ended', ids, late: watched.late };
}

/** Enqueues each scenario in order, so that what it depends on is there, and keeps its task in `ids`. Null: none was refused. */
async function addTasks({ setup, api }: RunFullProfileRequest, ids: Map<string, string>): Promise<Answer | null> {
  for (const { key, title, description, after } of setup.scenarios) {
    const before = after === undefined ? undefined : ids.get(after);
    const isAwaited = setup.scenarios.some((other) => other.after === key);
    const added = await api.post('/tasks', {
      repo: setup.repo,
      key,
      title,
      description,
      priority: isAwaited ? 1 : 0,
      ...(before === undefined ? {} : { depends_on: [before] }),
    });
    if (added.kind !== 'ok') return added.answer;
    ids.set(key, (added.body as TaskView).id);
  }
  return null;
}

interface WaitsForPersonRequest {
  readonly setup: FullProfileSetup;
  readonly ids: ReadonlyMap<string, string>;
  readonly tasks: readonly TaskView[];
  readonly task: TaskView;
}

/** It would go on when a person unblocked or merged the task before it, and the demo does not. */
function waitsForPerson({ setup, ids, tasks, task }: WaitsForPersonRequest): boolean {
  const scenario = setup.scenarios.find(({ key }) => ids.get(key) === task.id);
  const before = scenario?.after === undefined ? undefined : ids.get(scenario.after);
  return tasks.some((one) => one.id === before && isOver(one) && !isDoneOrCancelled(one));
}

/** Approves what waits for a person. Null: nothing was refused. */
async function approveAll(
  { api, terminal }: RunFullProfileRequest,
  tasks: readonly TaskView[],
): Promise<Answer | null> {
  for (const task of tasks.filter((one) => one.cause === 'approval')) {
    terminal.err(`          the demo approves ${task.id} at ${task.step ?? task.stage}, as a person would\n`);
    const approved = await api.post(`/tasks/${task.id}/approve`, { note: 'by the demo, which plays the person here' });
    if (approved.kind !== 'ok') return approved.answer;
  }
  return null;
}
