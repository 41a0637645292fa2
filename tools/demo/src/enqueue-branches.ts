/** Enqueues the branches over HTTP like any client, each after the one it waits for, and stops what is to be stopped. */
import type { Answer, Api, Terminal } from '@gatehouse/orchestrator/testing';
import type { Scenario } from './scenarios.ts';
import { stopWhileRunning } from './stop-while-running.ts';
import { isOver, type TaskView, watchTasks } from './watch.ts';

export interface EnqueueBranchesRequest {
  readonly repo: string;
  readonly scenarios: readonly Scenario[];
  readonly api: Api;
  /** Epoch ms. */
  readonly deadline: number;
  readonly terminal: Terminal;
}

export type EnqueueBranchesResult =
  /** Task by the scenario's name; and where each stands that had not ended at the deadline, one line each. */
  | { readonly kind: 'ended'; readonly ids: ReadonlyMap<string, string>; readonly late: readonly string[] }
  | { readonly kind: 'stopped'; readonly answer: Answer };

/** Ends when every branch has come to an end, or at the deadline. */
export async function enqueueBranches(request: EnqueueBranchesRequest): Promise<EnqueueBranchesResult> {
  const { scenarios, api, deadline, terminal } = request;
  const ids = new Map<string, string>();
  const stops: Promise<void>[] = [];
  const enqueueReady = async (tasks: readonly TaskView[]): Promise<Answer | null> => {
    for (const scenario of scenarios.filter((one) => !ids.has(one.name) && isReady(one, ids, tasks))) {
      const { branch, title, stopWhileRunning: marker } = scenario;
      const added = await api.post('/tasks', { repo: request.repo, branch, title });
      if (added.kind !== 'ok') return added.answer;
      const { id } = added.body as TaskView;
      ids.set(scenario.name, id);
      if (marker !== undefined) stops.push(stopWhileRunning({ api, id, marker, deadline, terminal }));
    }
    return null;
  };
  const watched = await watchTasks({ api, ids, deadline, terminal, act: enqueueReady });
  if (watched.kind === 'stopped') return watched;
  await Promise.all(stops);
  return { kind: 'ended', ids, late: watched.late };
}

/** It waits for no other, or that has ended. */
const isReady = ({ after }: Scenario, ids: ReadonlyMap<string, string>, tasks: readonly TaskView[]): boolean =>
  after === undefined || tasks.some((task) => task.id === ids.get(after) && isOver(task));
