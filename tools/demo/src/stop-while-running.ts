/** Stops a task over HTTP while its test runs, as a person would who sees it on the board, and waits until that is over. */

import { type Api, processesNaming, type Terminal } from '@gatehouse/orchestrator/testing';
import { isOver } from './watch.ts';

export interface Sight {
  readonly api: Api;
  readonly id: string;
  /** On the command line of a process of the test. */
  readonly word: string;
  /** Epoch ms. */
  readonly deadline: number;
  readonly terminal: Terminal;
}

const LOOK_MS = 100;

/**
 * Gives up in silence at the deadline, at the terminal's signal and when the task has ended without being seen: the audit
 * finds what was not stopped.
 */
export async function stopAtSight(sight: Sight): Promise<void> {
  const { api, id, word, terminal } = sight;
  let isSeen = false;
  await until(sight, async () => {
    isSeen = ((await processesNaming(word)) ?? []).length > 0;
    return isSeen || (await stands(sight, isOver));
  });
  if (!isSeen) return;
  const told = await api.post(`/tasks/${id}/stop`, { reason: 'the demo stops it while its test runs' });
  if (told.kind === 'ok') terminal.err(`Somebody stops ${id} while its test runs.\n`);
  await until(sight, () =>
    stands(sight, (task) => task.settled_at !== null || (isOver(task) && task.stage !== 'cancelled')),
  );
}

interface Shown {
  readonly stage: string;
  readonly status: string;
  readonly cause: string | null;
  readonly settled_at: string | null;
}

async function stands({ api, id }: Sight, as: (task: Shown) => boolean): Promise<boolean> {
  const shown = await api.get(`/tasks/${id}`);
  return shown.kind === 'ok' && as(shown.body as Shown);
}

async function until({ deadline, terminal }: Sight, holds: () => Promise<boolean>): Promise<boolean> {
  while (Date.now() < deadline && !terminal.signal.aborted) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}
