/** Waits for tasks of the service: shows what moves, lets the caller act on it, and knows when all have come to an end. */
import type { Answer, Api, Terminal } from '@gatehouse/orchestrator/testing';
import { poll } from './poll.ts';

/** What the service's API reports about a task, as far as the demo reads it. */
export interface TaskView {
  readonly id: string;
  readonly branch: string;
  readonly stage: string;
  readonly status: string;
  readonly step: string | null;
  readonly cause: string | null;
  readonly reason: string | null;
}

export interface WatchTasksRequest {
  readonly api: Api;
  /** The tasks that are waited for; read at every poll, so `act` may add to them. */
  readonly ids: ReadonlyMap<string, string>;
  /** Epoch ms. */
  readonly deadline: number;
  readonly terminal: Terminal;
  /** Does what a person would on seeing these tasks. Null: nothing was refused. */
  readonly act: (tasks: readonly TaskView[]) => Promise<Answer | null>;
  /** Whether something still happens to a task. [it is not over] */
  readonly isOpen?: (task: TaskView, tasks: readonly TaskView[]) => boolean;
}

/** `late`: where each task stands that had not ended at the deadline, one line each; empty: all have. */
export type WatchTasksResult =
  | { readonly kind: 'ended'; readonly late: readonly string[] }
  | { readonly kind: 'stopped'; readonly answer: Answer };

const POLL_MS = 300;
const STOPPED: Answer = { exit: 130, problem: 'stopped before the demo ended' };

/** Ends when nothing more happens to any task of `ids`, at the deadline, or when the terminal or the service says so. */
export async function watchTasks(request: WatchTasksRequest): Promise<WatchTasksResult> {
  const { api, ids, deadline, terminal, act, isOpen = (task) => !isOver(task) } = request;
  const show = changesOn(terminal);
  let open: readonly TaskView[] = [];
  const watched = await poll<WatchTasksResult>({ deadline, signal: terminal.signal, everyMs: POLL_MS }, async () => {
    const listed = await api.get('/tasks');
    if (listed.kind !== 'ok') return { kind: 'stopped', answer: listed.answer };
    const wanted = new Set(ids.values());
    const tasks = (listed.body as readonly TaskView[]).filter(({ id }) => wanted.has(id));
    for (const task of [...tasks].reverse()) show(task);
    const refused = await act(tasks);
    if (refused !== null) return { kind: 'stopped', answer: refused };
    open = tasks.filter((task) => isOpen(task, tasks));
    return open.length === 0 && tasks.length === ids.size ? { kind: 'ended', late: [] } : null;
  });
  if (watched.kind === 'found') return watched.value;
  return watched.kind === 'aborted'
    ? { kind: 'stopped', answer: STOPPED }
    : { kind: 'ended', late: open.map(standing) };
}

/** Prints where a task stands whenever that has changed. */
function changesOn(terminal: Terminal): (task: TaskView) => void {
  const shown = new Map<string, string>();
  return ({ id, branch, stage, status, step, reason }) => {
    const state = `${stage}/${status} ${step ?? ''}${reason === null ? '' : ` (${reason.slice(0, 90)})`}`;
    if (shown.get(id) === state) return;
    shown.set(id, state);
    terminal.err(`${new Date().toISOString().slice(11, 19)}  ${branch.padEnd(28)} ${state}\n`);
  };
}

const standing = ({ branch, stage, status }: TaskView): string =>
  `${branch} did not end in time; it is ${stage}/${status}`;

/** What waits for it goes on. */
export const isDoneOrCancelled = ({ stage }: Pick<TaskView, 'stage'>): boolean =>
  stage === 'done' || stage === 'cancelled';

/** Done, cancelled, blocked, or left to a person to merge: nothing more happens by itself. */
export const isOver = (task: Pick<TaskView, 'stage' | 'status' | 'cause'>): boolean =>
  isDoneOrCancelled(task) || task.status === 'blocked' || task.cause === 'needs-merge';
