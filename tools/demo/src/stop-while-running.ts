/** Stops a task over HTTP while its test runs, as a person would who sees it on the board, and waits until that is over. */
import { type Api, processesNaming, type Terminal } from '@gatehouse/orchestrator/testing';
import { poll } from './poll.ts';
import { isOver, type TaskView } from './watch.ts';

export interface StopWhileRunningRequest {
  readonly api: Api;
  readonly id: string;
  /** On the command line of a process of the test. */
  readonly marker: string;
  /** Epoch ms. */
  readonly deadline: number;
  readonly terminal: Terminal;
}

const POLL_MS = 100;

/**
 * Gives up in silence at the deadline, at the terminal's signal and when the task has ended without being seen: the audit
 * finds what was not stopped.
 */
export async function stopWhileRunning(request: StopWhileRunningRequest): Promise<void> {
  const { api, id, marker, deadline, terminal } = request;
  const limits = { deadline, signal: terminal.signal, everyMs: POLL_MS };
  const seen = await poll(limits, async () => {
    if (((await processesNaming(marker)) ?? []).length > 0) return 'running';
    return (await stands(request, isOver)) ? 'over' : null;
  });
  if (seen.kind !== 'found' || seen.value === 'over') return;
  const stopped = await api.post(`/tasks/${id}/stop`, { reason: 'the demo stops it while its test runs' });
  if (stopped.kind === 'ok') terminal.err(`Somebody stops ${id} while its test runs.\n`);
  const isSettled = (task: StoppedTaskView) => task.settled_at !== null || (isOver(task) && task.stage !== 'cancelled');
  await poll(limits, async () => ((await stands(request, isSettled)) ? 'settled' : null));
}

interface StoppedTaskView extends TaskView {
  readonly settled_at: string | null;
}

async function stands({ api, id }: StopWhileRunningRequest, as: (task: StoppedTaskView) => boolean): Promise<boolean> {
  const shown = await api.get(`/tasks/${id}`);
  return shown.kind === 'ok' && as(shown.body as StoppedTaskView);
}
