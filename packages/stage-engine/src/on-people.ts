/** Events of a person: start, retry, override; a yes answers a step (on-answers.ts). Each gives the task a way on that no verdict gave it. */
import { CHECKS } from './checks.ts';
import { type Decision, ignored } from './effects.ts';
import type { EventOf } from './events.ts';
import { draft, enter, releaseLease, resetCounters } from './moves.ts';
import { backToLanding, isBeforeMain } from './on-windows.ts';
import { firstPosition, type Position, workBehind } from './position.ts';
import { PROFILES } from './profiles.ts';
import { isTerminal } from './stages.ts';
import type { TaskState } from './task-state.ts';
import { resumePosition } from './verdicts.ts';

export function enqueued(state: TaskState): Decision {
  const { profile, stage } = state;
  const start = firstPosition(PROFILES[profile].entry);
  return stage === 'created' && start !== null ? enter(draft(state), start) : ignored(state);
}

/**
 * The same check or stage job again, for a blocked task only. What a report says is made anew by the agent or command of its stage, not
 * read again. With the critical window open, main is read before anything is tested.
 */
export function retried(state: TaskState, { inside }: EventOf<'retried'>): Decision {
  const { status, stage, step } = state;
  if (status !== 'blocked' || step === null) return ignored(state);
  if (inside === true && isBeforeMain(state)) return backToLanding(draft(resetCounters(state)));
  return enter(releaseLease(resetCounters(state)), startAgain(state, { stage, step }));
}

const startAgain = (state: TaskState, place: Position): Position => workBehind(resumePosition(state, place));

/**
 * Skips one named check for the recorded head. Leaves `blocked`, and a wait of that very check; a running check is
 * not disturbed, its answer is overruled.
 */
export function overridden(state: TaskState, event: EventOf<'overridden'>): Decision {
  const { check, by, reason } = event;
  const { status, stage, step } = state;
  if (isTerminal(stage) || status === 'stopping' || !applies(state, event)) return ignored(state);
  const others = state.overrides.filter((known) => known.check !== check);
  const next = { ...state, overrides: [...others, { check, by, reason }] };
  if (step === null) return { state: next, effects: [] };
  const isResting = status === 'blocked' || (status === 'waiting' && step === check);
  if (isResting && event.inside === true && isBeforeMain(state)) return backToLanding(draft(resetCounters(next)));
  const place = { stage, step };
  if (status === 'blocked') {
    const start = step === check ? resumePosition(state, place) : startAgain(state, place);
    return enter(releaseLease(resetCounters(next)), start);
  }
  if (status === 'waiting' && step === check) return enter(releaseLease(next), resumePosition(state, place));
  return { state: next, effects: [] };
}

function applies(state: TaskState, { check }: EventOf<'overridden'>): boolean {
  const past = state.landed && check !== 'check_deploy_status';
  return CHECKS[check].profiles.includes(state.profile) && !past;
}
