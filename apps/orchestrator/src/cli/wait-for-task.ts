/** Waits for the end of a task, as `task add --wait` does: what it is at on stderr, its last state as the answer. */
import type { z } from 'zod';
import { createWakeup } from '../platform/wakeup.ts';
import { type Answer, EXIT } from './answer.ts';
import type { Api } from './api-client.ts';
import type { Progress } from './progress.ts';
import { type detailView, shownTask } from './remote-commands.ts';
import { stageWord } from './stage-word.ts';

type Detail = z.infer<typeof detailView>;

export interface Waiting {
  readonly progress: Pick<Progress, 'step'> | undefined;
  /** Ends the wait, never the task. */
  readonly signal: AbortSignal;
  /** Between two questions. [1000] */
  readonly pauseMs?: number;
}

/** So many questions in a row may stay without an answer: a service that is started again is waited for. */
const PATIENCE = 60;

/**
 * Status 0: it landed, or main had all of it. 1: its change is at fault, or it was stopped. 3: something else needs a person, a yes
 * that is asked for included.
 * 75: the wait was ended, and the task goes on.
 */
export async function waitForTask(
  api: Api,
  id: string,
  { progress, signal, pauseMs = 1000 }: Waiting,
): Promise<Answer> {
  const wakeup = createWakeup();
  let told = '';
  for (let unanswered = 0; ; ) {
    const { answer, task } = await shownTask(api, id);
    const isGone = answer.exit === EXIT.error && unanswered < PATIENCE;
    if (task === null && !isGone) return answer;
    unanswered = task === null ? unanswered + 1 : 0;
    const exit = task === null ? null : exitOf(task);
    if (exit !== null) return { ...answer, exit };
    if (task !== null && needsPerson(task)) return { ...answer, ...askingFor(task) };
    if (signal.aborted)
      return { ...answer, exit: EXIT.defer, problem: `no longer waiting; ${id} goes on: gatehouse task show ${id}` };
    const now = task === null ? 'the service does not answer' : wordsOf(task);
    if (now !== told) progress?.step({ what: `${id}: ${now}` });
    told = now;
    await wakeup.wait(pauseMs, signal);
  }
}

const wordsOf = ({ profile, stage, status, step, reason }: Detail): string =>
  [`${stageWord({ profile, stage })}/${status}`, step ?? '', reason === null || reason === stage ? '' : reason]
    .filter((part) => part !== '')
    .join(', ');

/** Null: it is on its way. */
function exitOf({ stage, status, cause, ended_as: end, landed_sha: landed }: Detail): number | null {
  if (stage === 'done') return EXIT.pass;
  if (stage === 'cancelled') return end === 'nothing-to-land' ? EXIT.pass : EXIT.fail;
  if (status !== 'blocked') return null;
  return cause === null && landed === null ? EXIT.fail : EXIT.error;
}

/** It goes on only after somebody has acted, although it is not blocked. */
const needsPerson = ({ cause, held_by: heldBy }: Detail): boolean =>
  [cause, heldBy].some((name) => name !== null && BY_PERSON.includes(name));
const BY_PERSON: readonly string[] = ['approval', 'needs-merge', 'cannot-land', 'frozen', 'service-pause'];

const askingFor = ({ id, cause, reason }: Detail): Pick<Answer, 'exit' | 'problem' | 'next'> => ({
  exit: EXIT.error,
  problem: `${id} waits for a person: ${reason ?? ''}`,
  next: cause === 'approval' ? `gatehouse task approve ${id}` : `gatehouse task show ${id}`,
});
