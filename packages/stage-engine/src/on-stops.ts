/**
 * STOP in a task's state. What is not running is cancelled at once; what runs is fenced and ended first;
 * inside the critical window the stop is put off until landing or deploy has answered, and never lost. A task that left its
 * landing with the window open is brought back to it: whether it is stopped or has landed is for main to say.
 */
import { type Decision, ignored } from './effects.ts';
import type { EventOf } from './events.ts';
import { cancel, cancelActiveJob, draft, releaseLease } from './moves.ts';
import { backToLanding, isBeforeMain } from './on-windows.ts';
import { isTerminal } from './stages.ts';
import type { TaskState } from './task-state.ts';

export function stopRequested(state: TaskState, event: EventOf<'stop-requested'>): Decision {
  if (state.stage === 'done') return { ...ignored(state), stop: 'too_late' };
  if (isTerminal(state.stage) || state.stop?.why === 'stop') return { ...ignored(state), stop: 'already' };
  const asked: TaskState = { ...state, stop: { why: 'stop', by: event.by, atMs: event.atMs } };
  const live = state.status === 'active' && state.step !== null;
  if (live && isDeferred(state, event)) return { state: asked, effects: [], stop: 'deferred' };
  if (event.phase === 'critical' && isBeforeMain(state)) return { ...backToLanding(draft(asked)), stop: 'deferred' };
  if (live && event.phase !== 'idle') {
    return { state: { ...asked, status: 'stopping' }, effects: [{ kind: 'cancel-jobs' }], stop: 'stopping' };
  }
  return { ...withdrawn(state, asked), stop: 'cancelled' };
}

/** A deploy command that runs is let finish; one that has run is judged. */
function isDeferred(state: TaskState, { phase }: EventOf<'stop-requested'>): boolean {
  if (state.landed) return phase !== 'idle' || state.step === 'check_deploy_status';
  return phase === 'critical' && state.step === 'land';
}

function withdrawn(state: TaskState, asked: TaskState): Decision {
  const from = cancelActiveJob(releaseLease(asked));
  return state.landed ? cancel(from, 'merged, not deployed', 'alert') : cancel(from, 'stopped', 'silent');
}

export function stopSettled(state: TaskState, event: EventOf<'stop-settled'>): Decision {
  if (state.status !== 'stopping') return ignored(state);
  if (event.verified) return cancel(releaseLease(state), 'stopped', 'silent');
  return cancel(releaseLease(state), 'stopped, unverified: something of it may still run', 'alert');
}
