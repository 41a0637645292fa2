/** How a world must end: every task over, every stop carried out, and every alert sent as often as was needed. */

export interface EndedTask {
  readonly id: string;
  readonly stage: string;
  readonly status: string;
  readonly ended: string | null;
  readonly blocked: string | null;
  readonly landed: string | null;
  readonly headOnMain: boolean;
  /** Answers to its stops, in order. */
  readonly stops: readonly string[];
}

export function endViolations(task: EndedTask): readonly string[] {
  const { id, stage, status, ended, blocked, stops } = task;
  const isOver = stage === 'done' || stage === 'cancelled';
  if (!isOver) {
    const why = blocked === null ? '' : `, blocked: ${blocked}`;
    return [`${id} never reached an end: ${stage}/${status}${why}`];
  }
  const wrong: string[] = [];
  if (stage === 'done' && !task.headOnMain) wrong.push(`${id} is done and main does not hold what it landed`);
  if (stage === 'cancelled' && ended === 'stopped' && task.landed !== null)
    wrong.push(`${id} landed ${task.landed} and was answered that it had been stopped`);
  const accepted = stops.find((answer) => answer !== 'too_late' && answer !== 'already');
  if (accepted !== undefined && stage !== 'cancelled' && !(ended ?? '').includes('the stop came too late'))
    wrong.push(`${id} was stopped (${accepted}) and ended as ${stage}: ${ended}`);
  for (const [at, answer] of stops.entries())
    if (accepted !== undefined && at > stops.indexOf(accepted) && answer !== 'already' && answer !== 'too_late')
      wrong.push(`${id} was stopped twice: ${stops.join(', ')}`);
  return wrong;
}
