/**
 * The reducer. Pure: no clock, no I/O, same answer for the same arguments. Total: whatever it is given, it answers,
 * and what does not apply changes nothing.
 */
import { readForeign } from './adapters/safe-read.ts';
import { type EngineConfig, readConfig } from './config.ts';
import { type Decision, ignored } from './effects.ts';
import type { EngineEvent } from './events.ts';
import type { Now } from './moves.ts';
import { agentAnswered, approved, checkAnswered, landingAnswered } from './on-answers.ts';
import { branchGone, headMoved, mergedOtherwise } from './on-branch.ts';
import { enqueued, overridden, retried } from './on-people.ts';
import { stopRequested, stopSettled } from './on-stops.ts';
import { resumed } from './on-wakes.ts';
import { readEvent } from './read-event.ts';
import { readState } from './read-state.ts';
import type { TaskState } from './task-state.ts';

/**
 * What `event` makes of `state`, and what has to be done about it. Store both in one transaction.
 * Ignored (same state, no effects): an event that does not apply, an event without a kind or a time we know, a state
 * that `decide` never answered. Settings that cannot be read take their defaults.
 *
 * @example
 * ```ts
 * import { DEFAULT_CONFIG, decide, initialState } from '@gatehouse/stage-engine';
 *
 * const { state, effects } = decide(initialState('gates-only'), { kind: 'enqueued', atMs: 0 }, DEFAULT_CONFIG);
 * console.log(state.stage, effects.map(({ kind }) => kind).join(', ')); // deploy-staging record-skip, start-job
 * ```
 */
export function decide(state: TaskState, event: EngineEvent, config: EngineConfig): Decision {
  const known = readForeign(() => readState(state));
  const heard = readForeign(() => readEvent(event));
  if (known === null || heard === null) return ignored(state);
  const decision = apply(known, heard, {
    atMs: heard.atMs,
    config: readForeign(() => readConfig(config)) ?? readConfig(null),
  });
  return decision.ignored ? { ...decision, state } : decision;
}

/** Whether `decide` would take this value for a state: for a store that reads its rows back. */
export function isTaskState(value: unknown): value is TaskState {
  return readForeign(() => readState(value)) !== null;
}

function apply(state: TaskState, event: EngineEvent, now: Now): Decision {
  switch (event.kind) {
    case 'enqueued':
      return enqueued(state);
    case 'check-answered':
      return checkAnswered(state, event, now);
    case 'landing-answered':
      return landingAnswered(state, event, now);
    case 'agent-answered':
      return agentAnswered(state, event, now);
    case 'approved':
      return approved(state, event, now);
    case 'woken':
      return resumed(state, event, now);
    case 'head-moved':
      return headMoved(state);
    case 'branch-gone':
      return branchGone(state, event);
    case 'merged-otherwise':
      return mergedOtherwise(state, event);
    case 'retried':
      return retried(state, event);
    case 'overridden':
      return overridden(state, event);
    case 'stop-requested':
      return stopRequested(state, event);
    case 'stop-settled':
      return stopSettled(state, event);
  }
}
