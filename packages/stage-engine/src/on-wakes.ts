/** Events that make a resting task try again: the lease, main, the machine, the forge, or the timer. */
import { WAITS } from './actions.ts';
import { REMIND_MS } from './config.ts';
import { type Decision, ignored } from './effects.ts';
import type { EventOf } from './events.ts';
import { blockAlert, draft, enter, type Now, releaseLease, wait, waitedTooLong } from './moves.ts';
import { type TaskState, timerDueMs } from './task-state.ts';
import { resumePosition } from './verdicts.ts';

/** A timer that comes early changes nothing: the store may ask as often as it likes. */
export function resumed(state: TaskState, event: EventOf<'woken'>, now: Now): Decision {
  const dueMs = timerDueMs(state);
  if (event.why === 'timer' && (dueMs === null || now.atMs < dueMs)) return ignored(state);
  if (state.status === 'blocked') return event.why === 'timer' ? remind(state, now) : ignored(state);
  const { waiting, step, stage } = state;
  if (state.status !== 'waiting' || waiting === null || step === null) return ignored(state);
  const rule = WAITS[waiting.cause];
  if (!rule.resumedBy.includes(event.why)) return ignored(state);
  const sinceMs = state.waitingSinceMs ?? now.atMs;
  const overdue = rule.capped && now.atMs - sinceMs >= now.config.mergeDeferMaxMs;
  if (overdue && event.why === 'timer') return waitedTooLong(releaseLease(state), waiting, now);
  if (event.why === 'timer' && rule.timerAsks === 'main')
    return wait(draft(state, { kind: 'probe-main' }), waiting, now);
  return enter(draft(state), resumePosition(state, { stage, step }));
}

function remind(state: TaskState, now: Now): Decision {
  if (state.blocked === null) return ignored(state);
  const { blocked } = state;
  const reminded = { ...blocked, reminders: blocked.reminders + 1, remindAtMs: now.atMs + REMIND_MS };
  const alert = blockAlert(state, reminded, `still ${blocked.reason}: ${blocked.detail}`);
  return { state: { ...state, blocked: reminded }, effects: [alert] };
}
