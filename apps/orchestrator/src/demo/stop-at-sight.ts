/** Stops a task over HTTP while its test runs, as a person would who sees it on the board, and waits until that is over. */
import { processesNaming } from '../adapters/processes.ts';
import type { Terminal } from '../cli/answer.ts';
import type { Api } from '../cli/api-client.ts';

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

/** Gives up in silence at the deadline and at the terminal's signal: the audit finds what was not stopped. */
export async function stopAtSight(sight: Sight): Promise<void> {
  const { api, id, word, terminal } = sight;
  if (!(await until(sight, async () => ((await processesNaming(word)) ?? []).length > 0))) return;
  const told = await api.post(`/tasks/${id}/stop`, { reason: 'the demo stops it while its test runs' });
  if (told.kind === 'ok') terminal.err(`Somebody stops ${id} while its test runs.\n`);
  await until(sight, async () => {
    const shown = await api.get(`/tasks/${id}`);
    return shown.kind === 'ok' && (shown.body as { settled_at: string | null }).settled_at !== null;
  });
}

async function until({ deadline, terminal }: Sight, holds: () => Promise<boolean>): Promise<boolean> {
  while (Date.now() < deadline && !terminal.signal.aborted) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}
