/** Asks for the tasks that agents do, as anybody would over HTTP, and says yes or stop where the demo plays the person. */
import type { Answer, Api, Terminal } from '@gatehouse/orchestrator/testing';
import type { FullStage } from './full-project.ts';
import { stopAtSight } from './stop-while-running.ts';
import { isDoneOrCancelled, isOver, standing } from './watch.ts';

interface Seen {
  readonly id: string;
  readonly branch: string;
  readonly stage: string;
  readonly status: string;
  readonly step: string | null;
  readonly cause: string | null;
}

export interface FullPlay {
  readonly stage: FullStage;
  readonly api: Api;
  /** Epoch ms. */
  readonly deadline: number;
  readonly terminal: Terminal;
}

export type FullPlayed =
  /** Task by the scenario's key; and where each stands that had not ended at the deadline, one line each. */
  | { readonly kind: 'ended'; readonly ids: ReadonlyMap<string, string>; readonly late: readonly string[] }
  | { readonly kind: 'stopped'; readonly answer: Answer };

const POLL_MS = 300;

export async function playFull(play: FullPlay): Promise<FullPlayed> {
  const { stage, api, deadline, terminal } = play;
  const registered = await api.post('/repos', {
    id: stage.repo,
    path: stage.forge,
    policy_path: stage.policy,
    profile: 'full',
  });
  if (registered.kind !== 'ok') return { kind: 'stopped', answer: registered.answer };
  const ids = new Map<string, string>();
  const stops: Promise<void>[] = [];
  for (const { key, title, description, after, expected } of stage.scenarios) {
    const on = after === undefined ? undefined : ids.get(after);
    const isAwaited = stage.scenarios.some((other) => other.after === key);
    const wanted = {
      repo: stage.repo,
      key,
      title,
      description,
      priority: isAwaited ? 1 : 0,
      ...(on === undefined ? {} : { depends_on: [on] }),
    };
    const added = await api.post('/tasks', wanted);
    if (added.kind !== 'ok') return { kind: 'stopped', answer: added.answer };
    const { id } = added.body as Seen;
    ids.set(key, id);
    if (expected.end === 'stopped') stops.push(stopAtSight({ api, id, word: expected.atSightOf, deadline, terminal }));
  }
  for (;;) {
    const answer = await api.get('/tasks');
    if (answer.kind !== 'ok') return { kind: 'stopped', answer: answer.answer };
    const mine = (answer.body as Seen[]).filter((task) => [...ids.values()].includes(task.id));
    const refused = await approveAll(play, mine);
    if (refused !== null) return { kind: 'stopped', answer: refused };
    if (terminal.signal.aborted)
      return { kind: 'stopped', answer: { exit: 130, problem: 'stopped before the demo ended' } };
    const open = mine.filter((task) => !isOver(task) && !waitsForPerson(play, ids, mine, task));
    if (open.length === 0 || Date.now() > deadline) {
      await Promise.all(stops);
      return { kind: 'ended', ids, late: open.map(standing) };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** It would go on when a person unblocked or merged the task before it, and nobody here does. */
function waitsForPerson(
  { stage }: FullPlay,
  ids: ReadonlyMap<string, string>,
  tasks: readonly Seen[],
  { id }: Seen,
): boolean {
  const scenario = stage.scenarios.find(({ key }) => ids.get(key) === id);
  const before = scenario?.after === undefined ? undefined : ids.get(scenario.after);
  return tasks.some((task) => task.id === before && isOver(task) && !isDoneOrCancelled(task));
}

/** Says yes to what waits for a person. Null: nothing was refused. */
async function approveAll({ api, terminal }: FullPlay, tasks: readonly Seen[]): Promise<Answer | null> {
  for (const task of tasks.filter((one) => one.cause === 'approval')) {
    terminal.err(`          the demo approves ${task.id} at ${task.step ?? task.stage}, as a person would\n`);
    const approved = await api.post(`/tasks/${task.id}/approve`, { note: 'by the demo, which plays the person here' });
    if (approved.kind !== 'ok') return approved.answer;
  }
  return null;
}
