/** Events of the branch and its pull request: a new head, no head any more, merged from outside. */
import { type Decision, ignored } from './effects.ts';
import type { EventOf } from './events.ts';
import { cancel, cancelActiveJob, enter, releaseLease, resetCounters } from './moves.ts';
import { isAtOrAfter, positionOfCheck } from './position.ts';
import { PROFILES } from './profiles.ts';
import { isTerminal } from './stages.ts';
import type { TaskState } from './task-state.ts';

/** The landing job is out: it will notice what happened to the branch, and it alone knows whether main moved. */
const isLanding = (state: TaskState): boolean => state.status === 'active' && state.step === 'land';

/** Past main, at rest for ever, or being stopped: the branch is of no interest. */
const isBeyond = (state: TaskState): boolean => isTerminal(state.stage) || state.landed || state.stop !== null;

/**
 * What was said about the old head is void. A blocked task stays blocked, without its overrides, unless it was
 * removed: then a new head is what was asked for. Before the profile starts to judge, a push is just work.
 */
export function headMoved(state: TaskState): Decision {
  const { stage, step } = state;
  if (isBeyond(state) || isLanding(state) || step === null) return ignored(state);
  const start = positionOfCheck(PROFILES[state.profile].judgedFrom);
  if (!isAtOrAfter({ stage, step }, start)) return ignored(state);
  if (state.status === 'blocked' && state.blocked?.reason !== 'removed') {
    return state.overrides.length === 0 ? ignored(state) : { state: { ...state, overrides: [] }, effects: [] };
  }
  const { state: freed, effects } = cancelActiveJob(releaseLease({ ...state, overrides: [] }));
  return enter({ state: resetCounters(freed), effects }, start);
}

export function branchGone(state: TaskState, event: EventOf<'branch-gone'>): Decision {
  if (isBeyond(state)) return ignored(state);
  if (isLanding(state)) {
    return { state: { ...state, stop: { why: 'branch-gone', by: 'forge', atMs: event.atMs } }, effects: [] };
  }
  return cancel(cancelActiveJob(releaseLease(state)), 'branch-gone', 'silent');
}

export function mergedOtherwise(state: TaskState, event: EventOf<'merged-otherwise'>): Decision {
  if (isBeyond(state) || isLanding(state)) return ignored(state);
  return cancel(cancelActiveJob(releaseLease(state)), `merged-outside: ${event.reason}`, 'alert');
}
