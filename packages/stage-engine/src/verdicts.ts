/** Carries out the action table: one answer about the step that is due becomes one move. */
import { ACTIONS, isWaitCause, type Outcome } from './actions.ts';
import { backoffMs, REENTRY_MAX } from './config.ts';
import type { Decision, EngineEffect } from './effects.ts';
import { type ExplainedOutcome, formatFindings } from './feedback.ts';
import {
  advance,
  block,
  cancel,
  cancelWithoutChange,
  type Draft,
  draft,
  enter,
  type Now,
  releaseLease,
  wait,
} from './moves.ts';
import { FIRST_SUB_GATE, firstPosition, nextPosition, type Position, phaseOf, workBehind } from './position.ts';
import { PROFILES } from './profiles.ts';
import { STAGE_TRANSITIONS } from './stages.ts';
import type { Clock, Counted, TaskState } from './task-state.ts';

/** An answer, brought down to one row of the action table. `place` is where the step that answered stands. */
export interface StepOutcome extends ExplainedOutcome {
  readonly outcome: Outcome;
  readonly place: Position;
  readonly baseTree?: string;
}

export function applyAction(state: TaskState, answer: StepOutcome, now: Now): Decision {
  const action = ACTIONS[answer.outcome][phaseOf(answer.place, state.landed)];
  if (action !== 'open' && state.stop !== null) return stopNow(state, answer);
  switch (action) {
    case 'open':
      return open(state, answer.place);
    case 'end':
      return cancelWithoutChange(releaseLease(state), answer.reason);
    case 'blame':
      return blame(state, answer, now);
    case 'again':
      return again(state, answer, now);
    case 'wait':
      return waitFor(state, answer, now);
    case 're-enter':
      return reEnter(state, answer, now);
    case 'hold':
      return hold(state, answer, now);
  }
}

/** The clocks this step started stop: the causes it reported are gone. */
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

function blame(state: TaskState, answer: StepOutcome, now: Now): Decision {
  const text = formatFindings(answer.place.step, answer);
  const back = STAGE_TRANSITIONS[answer.place.stage].back;
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

function again(state: TaskState, answer: StepOutcome, now: Now): Decision {
  const { times, state: known } = counted(state, answer.outcome);
  const { reason, outcome: cause, place } = answer;
  if (times > now.config.infraRetryMax) {
    const detail = `${place.step} gave up after ${times} times ${cause}: ${reason}`;
    return block(releaseLease(state), { reason: 'attempts spent', detail, cause }, now);
  }
  const resumed = resumePosition(state, place);
  // What was deployed to people is deployed again by a person's word only.
  const start = cause === 'tool-failed' && !state.landed ? workBehind(resumed) : resumed;
  return enter(releaseLease(known), start, backoffMs(now.config, times));
}

function reEnter(state: TaskState, answer: StepOutcome, now: Now): Decision {
  const { times, state: known } = counted(state, answer.outcome);
  const { reason, outcome: cause } = answer;
  if (times > REENTRY_MAX) {
    const detail = `began ${REENTRY_MAX} times anew and ended with ${cause} again: ${reason}`;
    return block(releaseLease(state), { reason: 'kept moving', detail, cause }, now);
  }
  const overrides = cause === 'branch-moved' ? [] : known.overrides;
  return enter(releaseLease({ ...known, overrides }), FIRST_SUB_GATE);
}

function waitFor(state: TaskState, answer: StepOutcome, now: Now): Decision {
  const { outcome: cause, reason } = answer;
  if (!isWaitCause(cause)) return again(state, answer, now);
  if (cause === 'lock-busy') return wait(queueUp(state), { cause, reason }, now);
  if (cause === 'main-broken') return wait(alertMainBroken(state, answer), { cause, reason }, now);
  return wait(releaseLease(state), { cause, reason }, now);
}

/** A task that was woken in vain keeps its place in the queue. */
function queueUp(state: TaskState): Draft {
  const release: EngineEffect = { kind: 'release-lease' };
  return state.ticket ? draft(state, release) : draft({ ...state, ticket: true }, release, { kind: 'take-ticket' });
}

const ALERTS_REMEMBERED = 16;

/** One alert per broken tree, whichever step reports it; a main that can be red for days stops every other clock. */
function alertMainBroken(state: TaskState, answer: StepOutcome): Draft {
  const key = `main-broken/${answer.baseTree ?? 'unknown-tree'}`;
  const clocks = clocksWithout(state, (clock) => clock !== state.clocks['main-broken']);
  if (state.alerted.includes(key)) return releaseLease({ ...state, clocks });
  const alerted = [...state.alerted, key].slice(-ALERTS_REMEMBERED);
  const { state: freed, effects } = releaseLease({ ...state, clocks, alerted });
  const text = `main is broken, nothing that is red with it is judged: ${answer.reason}`;
  return draft(freed, ...effects, { kind: 'alert', key, scope: 'repository', text });
}

function hold(state: TaskState, answer: StepOutcome, now: Now): Decision {
  const { outcome, place } = answer;
  const detail = formatFindings(place.step, answer);
  if (outcome === 'frozen') return block(releaseLease(state), { reason: 'frozen', detail, cause: outcome }, now);
  if (outcome === 'budget-spent')
    return block(releaseLease(state), { reason: 'budget spent', detail: answer.reason, cause: outcome }, now);
  return block(releaseLease(state), { reason: 'landed, not deployed', detail }, now);
}

/** A stop that was put off is due: the step it waited for has answered, and not with a pass. */
function stopNow(state: TaskState, answer: StepOutcome): Decision {
  if (state.landed) return cancel(releaseLease(state), `merged, deploy failed: ${answer.reason}`, 'alert');
  if (answer.outcome === 'frozen')
    return cancel(releaseLease(state), `stopped, repository frozen: ${answer.reason}`, 'alert');
  return cancel(releaseLease(state), state.stop?.why === 'branch-gone' ? 'branch-gone' : 'stopped', 'silent');
}
