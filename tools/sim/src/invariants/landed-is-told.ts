/** How a task must end whose commit main has, and its pull request at the forge. */

export interface CarriedTask {
  readonly id: string;
  readonly stage: string;
  readonly ended: string | null;
  readonly landed: string | null;
  /** The commits that we moved main to for it. */
  readonly moves: readonly string[];
  /** The commit that was tested for it, and that somebody else pushed to main while it was on its way there. */
  readonly byOthers: string | null;
  /** A person stopped it, or deleted its branch. */
  readonly isWithdrawn: boolean;
  /** Null: it has none. */
  readonly pullRequest: 'open' | 'closed' | 'merged' | null;
  readonly isFinished: boolean;
  readonly isTold: boolean;
}

export function landedIsTold(task: CarriedTask): readonly string[] {
  const { id, stage, ended, landed, moves, byOthers, pullRequest } = task;
  const end = `${stage} (${ended ?? 'no word'})`;
  const wrong: string[] = [];
  if (moves.length > 1) wrong.push(`${id} landed twice: ${moves.join(', ')}`);
  if (moves.length > 0 && landed === null) wrong.push(`main has ${moves[0]} of ${id}, which ended as ${end}`);
  if (moves.length > 0 && stage !== 'done' && !task.isWithdrawn)
    wrong.push(`main has ${moves[0]} of ${id}, which nobody stopped, and which ended as ${end}`);
  const last = moves.at(-1) ?? byOthers;
  if (last !== null && landed !== null && landed !== last)
    wrong.push(`main has ${last} of ${id}, and ${landed} is told`);
  if (byOthers !== null && stage !== 'done' && !task.isWithdrawn)
    wrong.push(`somebody else landed ${id}, which ended as ${end}`);
  if (landed === null || pullRequest === null) return wrong;
  if (pullRequest === 'open') wrong.push(`${id} landed, and its pull request is left open`);
  if (!task.isTold) wrong.push(`${id} landed, and its pull request was told nothing`);
  if (!task.isFinished) wrong.push(`${id} landed, and its pull request is not known to be finished`);
  return wrong;
}
