/**
 * The critical window outlives no landing: while the store sees it open, whatever would take the task elsewhere takes it back to the
 * landing, which alone reads main to learn whether it has landed.
 */
import { type Decision, ignored } from './effects.ts';
import { cancelActiveJob, type Draft, draft, enter, type Now } from './moves.ts';
import { LAND, phaseOf } from './position.ts';
import { isTerminal } from './stages.ts';
import type { TaskState } from './task-state.ts';

/** Whether an open window can be this task's: it stands between the gates and main, and nothing is known to have landed. */
export function isBeforeMain({ stage, step, status, landed }: TaskState): boolean {
  if (isTerminal(stage) || step === null || status === 'stopping') return false;
  return phaseOf({ stage, step }, landed) === 'gated';
}

/** Main is read next. Lease and ticket stay: nobody else may move main before. */
export const backToLanding = (from: Draft, delayMs = 0): Decision => enter(cancelActiveJob(from), LAND, delayMs);

/** A job gave up inside the window. That says nothing about main, so neither an attempt nor a stop that was put off is settled by it. */
export function stillInDoubt(state: TaskState, reason: string, now: Now): Decision {
  if (!isBeforeMain(state) || state.status !== 'active') return ignored(state);
  const text = `its landing was cut off, and whether main has it is not known: ${reason}; main is asked again by itself and nothing else lands there until it has answered; if this lasts, look into the log of the service for what ends its landing`;
  const alert = { kind: 'alert', key: `landing-unproven/given-up#${state.episode}`, scope: 'task', text } as const;
  return backToLanding(draft(state, alert), now.config.pollMs);
}
