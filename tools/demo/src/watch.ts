/** Shows what moves while the demo runs, and knows when everything has come to an end. */
import type { Answer, Api, Terminal } from '@gatehouse/orchestrator/testing';

interface Seen {
  readonly id: string;
  readonly branch: string;
  readonly stage: string;
  readonly status: string;
  readonly step: string | null;
  readonly cause: string | null;
  readonly reason: string | null;
}

export interface Watching {
  readonly api: Api;
  readonly ids: readonly string[];
  /** Epoch ms. */
  readonly deadline: number;
  readonly terminal: Terminal;
}

/** `late`: where each task stands that had not ended at the deadline, one line each; empty: all have. */
export type Watched =
  | { readonly kind: 'ended'; readonly late: readonly string[] }
  | { readonly kind: 'stopped'; readonly answer: Answer };

const POLL_MS = 300;

/** Waits until every task of `ids` is done, cancelled or blocked, or for the deadline; prints each change once. */
export async function watchUntilEnded({ api, ids, deadline, terminal }: Watching): Promise<Watched> {
  const shown = new Map<string, string>();
  for (;;) {
    const asked = await api.get('/tasks');
    if (asked.kind !== 'ok') return { kind: 'stopped', answer: asked.answer };
    const tasks = asked.body as Seen[];
    for (const task of [...tasks].reverse()) {
      const state = `${task.stage}/${task.status} ${task.step ?? ''}${task.reason === null ? '' : ` (${task.reason.slice(0, 90)})`}`;
      if (shown.get(task.id) === state) continue;
      shown.set(task.id, state);
      terminal.err(`${new Date().toISOString().slice(11, 19)}  ${task.branch.padEnd(28)} ${state}\n`);
    }
    const mine = tasks.filter((task) => ids.includes(task.id));
    if (terminal.signal.aborted)
      return { kind: 'stopped', answer: { exit: 130, problem: 'stopped before the demo ended' } };
    if (mine.length === ids.length && mine.every(isOver)) return { kind: 'ended', late: [] };
    if (Date.now() > deadline) return { kind: 'ended', late: mine.filter((task) => !isOver(task)).map(standing) };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export const standing = ({ branch, stage, status }: Pick<Seen, 'branch' | 'stage' | 'status'>): string =>
  `${branch} did not end in time; it is ${stage}/${status}`;

/** What waits for it goes on. */
export const isDoneOrCancelled = ({ stage }: Pick<Seen, 'stage'>): boolean => stage === 'done' || stage === 'cancelled';

/** Done, cancelled, blocked, or left to a person to merge: nothing more happens by itself. */
export const isOver = (task: Pick<Seen, 'stage' | 'status' | 'cause'>): boolean =>
  isDoneOrCancelled(task) || task.status === 'blocked' || task.cause === 'needs-merge';
