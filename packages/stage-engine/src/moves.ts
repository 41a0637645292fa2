/** The ways a task can move. Each takes a state and answers the next one with its effects; none asks why. */
import { type Outcome, WAITS, type WaitCause } from './actions.ts';
import { CHECKS, isCheckName } from './checks.ts';
import { type EngineConfig, RARE_POLL_MS, REMIND_MS } from './config.ts';
import type { Decision, EngineEffect } from './effects.ts';
import { jobOf, nextPosition, type Position, type StepName } from './position.ts';
import { PROFILES } from './profiles.ts';
import type { Blocked, BlockReason, Override, TaskState } from './task-state.ts';

/** What a move may depend on besides the state. */
export interface Now {
  readonly atMs: number;
  readonly config: EngineConfig;
}

/** A state in the middle of a move, and what was ordered on the way. */
export interface Draft {
  readonly state: TaskState;
  readonly effects: readonly EngineEffect[];
}

export const draft = (state: TaskState, ...effects: readonly EngineEffect[]): Draft => ({ state, effects });

/** Gives up the merge lease, and the place in the queue for it. */
export function releaseLease(state: TaskState): Draft {
  const release: EngineEffect = { kind: 'release-lease' };
  return state.ticket ? draft({ ...state, ticket: false }, release, { kind: 'drop-ticket' }) : draft(state, release);
}

/** Takes away the job of an active task: its answer is of no use any more. */
export function cancelActiveJob({ state, effects }: Draft): Draft {
  const live = state.status === 'active' && state.step !== null;
  return live ? draft(state, { kind: 'cancel-jobs' }, ...effects) : { state, effects };
}

/** A person or a new head gives the task a fresh start: what was counted and alerted is history. */
export function resetCounters(state: TaskState): TaskState {
  return { ...state, counts: {}, clocks: {}, alerted: [], episode: state.episode + 1 };
}

/** Asks for `place`, or for the first place after it that this task does not skip. */
export function enter({ state, effects }: Draft, place: Position, delayMs = 0): Decision {
  const skipped: EngineEffect[] = [];
  for (let here: Position | null = place; here !== null; here = nextPosition(here)) {
    const { stage, step } = here;
    const why = skipReason(state, step);
    if (why === null) return ask({ state, effects: [...effects, ...skipped] }, { stage, step }, delayMs);
    if (isCheckName(step)) skipped.push({ kind: 'record-skip', check: step, reason: why });
  }
  return finish({ state, effects: [...effects, ...skipped] });
}

/** The step after `place`, or the end. */
export function advance(from: Draft, place: Position): Decision {
  const next = nextPosition(place);
  return next === null ? finish(from) : enter(from, next);
}

function skipReason(state: TaskState, step: StepName): string | null {
  if (step === 'land') return null;
  if (!isCheckName(step)) return PROFILES[state.profile].agents ? null : 'profile';
  if (!CHECKS[step].profiles.includes(state.profile)) return 'profile';
  const override = overrideOf(state, step);
  if (override === undefined || CHECKS[step].override === 'informs') return null;
  return `overridden by ${override.by}: ${override.reason}`;
}

export const overrideOf = (state: TaskState, step: StepName): Override | undefined =>
  state.overrides.find(({ check }) => check === step);

function ask({ state, effects }: Draft, { stage, step }: Position, delayMs: number): Decision {
  const byPerson = isCheckName(step) && CHECKS[step].askedOf === 'person';
  const reason = 'a person has to approve';
  const next: TaskState = {
    ...state,
    stage,
    step,
    status: byPerson ? 'waiting' : 'active',
    waiting: byPerson ? { cause: 'approval', reason } : null,
    waitingSinceMs: null,
    blocked: null,
  };
  if (byPerson) return { state: next, effects: [...effects, { kind: 'report', status: 'pending', text: reason }] };
  const override = overrideOf(state, step);
  const job: EngineEffect = {
    kind: 'start-job',
    job: jobOf(step),
    step,
    delayMs,
    ...(step === 'developer' && state.brief !== null ? { brief: state.brief } : {}),
    ...(override === undefined ? {} : { override }),
  };
  return { state: next, effects: [...effects, job] };
}

export interface WaitOrder {
  readonly cause: WaitCause;
  readonly reason: string;
}

/** Until the world or the timer says otherwise; past the wall-time cap, blocked. */
export function wait(from: Draft, wanted: WaitOrder, now: Now): Decision {
  const { state } = from;
  const { cause, reason } = wanted;
  const rule = WAITS[cause];
  const known = state.clocks[cause];
  const clock = known ?? { by: state.step ?? 'land', sinceMs: now.atMs };
  const endMs = rule.capped ? clock.sinceMs + now.config.mergeDeferMaxMs : Number.POSITIVE_INFINITY;
  if (now.atMs >= endMs) return waitedTooLong(from, wanted, now);
  const nextPollMs = now.atMs + (rule.timer === 'rare' ? RARE_POLL_MS : now.config.pollMs);
  const next: TaskState = {
    ...state,
    status: 'waiting',
    waiting: { cause, reason, ...(rule.timer === null ? {} : { untilMs: Math.min(nextPollMs, endMs) }) },
    waitingSinceMs: clock.sinceMs,
    clocks: { ...state.clocks, [cause]: clock },
  };
  const text = `waiting for ${rule.says}: ${reason}`;
  const news: readonly EngineEffect[] = known === undefined ? [{ kind: 'report', status: 'pending', text }] : [];
  return { state: next, effects: [...from.effects, ...news] };
}

export function waitedTooLong(from: Draft, { cause, reason }: WaitOrder, now: Now): Decision {
  const detail = `waited too long for ${WAITS[cause].says}: ${reason}`;
  return block(from, { reason: 'waited too long', detail, cause }, now);
}

export interface BlockOrder {
  readonly reason: BlockReason;
  readonly detail: string;
  readonly cause?: Outcome | WaitCause;
}

/**
 * Nothing more happens without a person. `removed` is for the author to mend and raises no alert; every other reason is
 * one alert, and a reminder a day. Once landed, whatever happened reads "landed, not deployed".
 */
export function block({ state, effects }: Draft, order: BlockOrder, now: Now): Decision {
  const removed = order.reason === 'removed';
  const reason = state.landed ? 'landed, not deployed' : order.reason;
  const blocked = { ...order, reason, remindAtMs: removed ? null : now.atMs + REMIND_MS, reminders: 0 };
  const next: TaskState = { ...state, status: 'blocked', waiting: null, waitingSinceMs: null, blocked };
  const text = `${reason}: ${order.detail}`;
  const report: EngineEffect = { kind: 'report', status: removed ? 'failure' : 'error', text };
  return { state: next, effects: [...effects, report, ...(removed ? [] : [blockAlert(next, blocked, text)])] };
}

/** Unique within the task: an episode blocks once, a blocked state counts its reminders. */
export function blockAlert({ episode }: TaskState, { reason, cause, reminders }: Blocked, text: string): EngineEffect {
  const about = [slug(reason), ...(cause === undefined ? [] : [cause])].join('/');
  const again = reminders === 0 ? '' : `/reminder-${reminders}`;
  return { kind: 'alert', key: `${about}#${episode}${again}`, scope: 'task', text };
}

const slug = (words: string): string => words.replaceAll(/[ ,]+/g, '-');

function finish({ state, effects }: Draft): Decision {
  const ended = state.stop === null ? 'done' : 'done: the stop came too late';
  const report: EngineEffect = { kind: 'report', status: 'success', text: ended };
  return { state: { ...terminal(state), stage: 'done', ended }, effects: [...effects, report, { kind: 'clean-up' }] };
}

/**
 * Ends the task without its change being done. `alert` when a person must know that main moved, or may have.
 * `ended` up to a colon is the kind of end, the rest is its detail.
 */
export function cancel(from: Draft, ended: string, alert: 'alert' | 'silent'): Decision {
  const { state, effects } = from;
  const [kind = ended] = ended.split(':');
  const shout: EngineEffect = {
    kind: 'alert',
    key: `cancelled/${slug(kind)}#${state.episode}`,
    scope: 'task',
    text: ended,
  };
  const closing: readonly EngineEffect[] = [
    { kind: 'report', status: 'error', text: `cancelled: ${ended}` },
    ...(alert === 'alert' ? [shout] : []),
    { kind: 'clean-up' },
  ];
  return { state: { ...terminal(state), stage: 'cancelled', ended }, effects: [...effects, ...closing] };
}

/**
 * Ends the task because main has all of it. Nobody is at fault and the head may be main's own commit, so it is not marked
 * as failed.
 */
export function cancelWithoutChange({ state, effects }: Draft, reason: string): Decision {
  const detail = reason.replace(/^nothing to land: */, '');
  const ended = detail === '' ? 'nothing-to-land' : `nothing-to-land: ${detail}`;
  const report: EngineEffect = { kind: 'report', status: 'success', text: `cancelled: ${ended}` };
  return {
    state: { ...terminal(state), stage: 'cancelled', ended },
    effects: [...effects, report, { kind: 'clean-up' }],
  };
}

const terminal = (state: TaskState): TaskState => ({
  ...state,
  status: 'active',
  step: null,
  waiting: null,
  waitingSinceMs: null,
  blocked: null,
  clocks: {},
});
