/** Carries out the action table: one answer about the step that is due, whoever gave it, becomes one move. */
import { ACTIONS, isWaitCause, type Outcome } from './actions.ts';
import { backoffMs, REENTRY_MAX } from './config.ts';
import type { Decision, EngineEffect } from './effects.ts';
import { type Explained, formatFindings } from './feedback.ts';
import { advance, block, cancel, type Draft, draft, enter, type Now, releaseLease, wait } from './moves.ts';
import { FIRST_SUB_GATE, firstPosition, nextPosition, type Position, phaseOf } from './position.ts';
import { PROFILES } from './profiles.ts';
import { STAGE_TRANSITIONS } from './stages.ts';
import type { Clock, Counted, TaskState } from './task-state.ts';

/** An answer, brought down to one row of the action table. `place` is where the step that answered stands. */
export interface StepOutcome extends Explained {
  readonly outcome: Outcome;
  readonly place: Position;
  readonly baseTree?: string;
}

export function applyAction(state: TaskState, heard: StepOutcome, now: Now): Decision {
  const action = ACTIONS[heard.outcome][phaseOf(heard.place, state.landed)];
  if (action !== 'open' && state.stop !== null) return stopNow(state, heard);
  switch (action) {
    case 'open':
      return open(state, heard.place);
    case 'blame':
      return blame(state, heard, now);
    case 'again':
      return again(state, heard, now);
    case 'wait':
      return waitFor(state, heard, now);
    case 're-enter':
      return reEnter(state, heard, now);
    case 'stand':
      return hold(state, heard, now);
  }
}

/** The clocks this step started stop: what it met is out of the way. */
function open(state: TaskState, place: Position): Decision {
  const cleared = { ...state, clocks: clocksWithout(state, ({ by }) => by === place.step) };
  const turnTaken = state.ticket && place.step === 'check_branch_mergeable';
  const from = turnTaken ? draft({ ...cleared, ticket: false }, { kind: 'drop-ticket' }) : draft(cleared);
  return advance({ ...from, state: leaveStage(from.state, place) }, place);
}

/** A new stage counts anew, but what a change has cost its developer stays, and so does the way to main. */
function leaveStage(state: TaskState, place: Position): TaskState {
  const next = nextPosition(place)?.stage;
  if (next === undefined || next === place.stage) return state;
  if (next === 'deploy') return state;
  const { developer } = state.counts;
  return { ...state, brief: null, counts: developer === undefined ? {} : { developer } };
}

function clocksWithout(state: TaskState, gone: (clock: Clock) => boolean): TaskState['clocks'] {
  return Object.fromEntries(Object.entries(state.clocks).filter(([, clock]) => !gone(clock)));
}

/** How often this has come, with this time; the state remembers. */
function counted(state: TaskState, what: Counted): { readonly times: number; readonly state: TaskState } {
  const times = (state.counts[what] ?? 0) + 1;
  return { times, state: { ...state, counts: { ...state.counts, [what]: times } } };
}

/** Whatever released the lease before landing continues at sub-gate 1; elsewhere the same step is asked again. */
export function resumePosition(state: TaskState, place: Position): Position {
  return phaseOf(place, state.landed) === 'gated' ? FIRST_SUB_GATE : place;
}

function blame(state: TaskState, heard: StepOutcome, now: Now): Decision {
  const text = formatFindings(heard.place.step, heard);
  const back = STAGE_TRANSITIONS[heard.place.stage].back;
  const start = back === null ? null : firstPosition(back);
  if (PROFILES[state.profile].blame === 'remove' || start === null) {
    return block(releaseLease(state), { reason: 'removed', detail: text }, now);
  }
  const { times, state: known } = counted(state, start.stage === 'development' ? 'developer' : 'rerun');
  if (times > now.config.maxDeveloperRetries) {
    return block(releaseLease(state), { reason: 'retries spent', detail: text }, now);
  }
  const { developer, rerun } = known.counts;
  const counts = { ...(developer === undefined ? {} : { developer }), ...(rerun === undefined ? {} : { rerun }) };
  const { state: freed, effects } = releaseLease({ ...known, counts, clocks: {}, overrides: [], brief: text });
  const report: EngineEffect = { kind: 'report', status: 'failure', text };
  return enter(draft(freed, ...effects, report), start);
}

function again(state: TaskState, heard: StepOutcome, now: Now): Decision {
  const { times, state: known } = counted(state, heard.outcome);
  const { reason, outcome: cause, place } = heard;
  if (times > now.config.infraRetryMax) {
    const detail = `${place.step} gave up after ${times} times ${cause}: ${reason}`;
    return block(releaseLease(state), { reason: 'attempts spent', detail, cause }, now);
  }
  return enter(releaseLease(known), resumePosition(state, place), backoffMs(now.config, times));
}

function reEnter(state: TaskState, heard: StepOutcome, now: Now): Decision {
  const { times, state: known } = counted(state, heard.outcome);
  const { reason, outcome: cause } = heard;
  if (times > REENTRY_MAX) {
    const detail = `began ${REENTRY_MAX} times anew and met ${cause} again: ${reason}`;
    return block(releaseLease(state), { reason: 'kept moving', detail, cause }, now);
  }
  const overrides = cause === 'branch-moved' ? [] : known.overrides;
  return enter(releaseLease({ ...known, overrides }), FIRST_SUB_GATE);
}

function waitFor(state: TaskState, heard: StepOutcome, now: Now): Decision {
  const { outcome: cause, reason } = heard;
  if (!isWaitCause(cause)) return again(state, heard, now);
  if (cause === 'lock-busy') return wait(queueUp(state), { cause, reason }, now);
  if (cause === 'main-broken') return wait(alertMainBroken(state, heard), { cause, reason }, now);
  return wait(releaseLease(state), { cause, reason }, now);
}

/** A task that was woken in vain keeps its place in the line. */
function queueUp(state: TaskState): Draft {
  const release: EngineEffect = { kind: 'release-lease' };
  return state.ticket ? draft(state, release) : draft({ ...state, ticket: true }, release, { kind: 'take-ticket' });
}

const ALERTS_REMEMBERED = 16;

/** One alert per broken tree, whoever meets it; a main that can be red for days stops every other clock. */
function alertMainBroken(state: TaskState, heard: StepOutcome): Draft {
  const key = `main-broken/${heard.baseTree ?? 'unknown-tree'}`;
  const clocks = clocksWithout(state, (clock) => clock !== state.clocks['main-broken']);
  if (state.alerted.includes(key)) return releaseLease({ ...state, clocks });
  const alerted = [...state.alerted, key].slice(-ALERTS_REMEMBERED);
  const { state: freed, effects } = releaseLease({ ...state, clocks, alerted });
  const text = `main is broken, nothing that is red with it is judged: ${heard.reason}`;
  return draft(freed, ...effects, { kind: 'alert', key, scope: 'repository', text });
}

function hold(state: TaskState, heard: StepOutcome, now: Now): Decision {
  const { outcome, place } = heard;
  const detail = formatFindings(place.step, heard);
  if (outcome === 'frozen') return block(releaseLease(state), { reason: 'frozen', detail, cause: outcome }, now);
  return block(releaseLease(state), { reason: 'landed, not deployed', detail }, now);
}

/** A stop that was put off is due: the step it waited for has answered, and not with a pass. */
function stopNow(state: TaskState, heard: StepOutcome): Decision {
  if (state.landed) return cancel(releaseLease(state), `merged, deploy failed: ${heard.reason}`, 'alert');
  if (heard.outcome === 'frozen')
    return cancel(releaseLease(state), `stopped, repository frozen: ${heard.reason}`, 'alert');
  return cancel(releaseLease(state), state.stop?.why === 'branch-gone' ? 'branch-gone' : 'stopped', 'quiet');
}
