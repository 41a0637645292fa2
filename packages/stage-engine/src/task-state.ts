/** What the engine knows about a task: plain JSON, so that a row can hold it and a replay can compare it. */
import type { Outcome, WaitCause } from './actions.ts';
import { readForeign } from './adapters/safe-read.ts';
import type { CheckName } from './checks.ts';
import type { StepName } from './position.ts';
import type { Profile } from './profiles.ts';
import type { Stage } from './stages.ts';

/**
 * `active`: exactly one job is asked for, that of `step` (none yet on `created`, none any more on a terminal stage).
 * `waiting`: no job, no lease. `blocked`: the same, and a person has to act. `stopping`: the last run is being ended.
 */
export type TaskStatus = 'active' | 'waiting' | 'blocked' | 'stopping';

/** Every way a task can come to rest; README says who acts on which. */
export type BlockReason =
  | 'removed'
  | 'frozen'
  | 'landed, not deployed'
  | 'retries spent'
  | 'attempts spent'
  | 'kept moving'
  | 'waited too long'
  | 'budget spent';

/** What a task waits for. */
export interface Waiting {
  /** The cause; {@link WAITS} says what ends it. */
  readonly cause: WaitCause;
  /** Why, in one line for a person. */
  readonly reason: string;
  /** When the timer is due; absent where only an event of the world ends the wait. */
  readonly untilMs?: number;
}

/** Why a task rests until a person does something. */
export interface Blocked {
  /** Which of the known ways led here. */
  readonly reason: BlockReason;
  /** One line for a person. */
  readonly detail: string;
  /** The answer that led here, unless it was `fail`. */
  readonly cause?: Outcome | WaitCause;
  /** When the next daily reminder is due; null where there is none. */
  readonly remindAtMs: number | null;
  /** How many reminders went out. */
  readonly reminders: number;
}

/**
 * Since when a cause has been in the way, and which step reported it. The clock runs on while the step is asked again.
 */
export interface Clock {
  /** The step that reported it. */
  readonly by: StepName;
  /** When it was first reported, in milliseconds since the epoch. */
  readonly sinceMs: number;
}

/** A check that a person decided not to wait for. */
export interface Override {
  /** The check it is about. */
  readonly check: CheckName;
  /** Who did it, as the caller names people. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string;
}

/**
 * `developer`: sent back to development. `rerun`: analysis or architecture done again. Else how often each answer came.
 */
export type Counted = Outcome | 'developer' | 'rerun';

/** Everything the engine knows of a task; plain JSON, made only by `initialState` and `decide`. */
export interface TaskState {
  /** Which way the task goes. */
  readonly profile: Profile;
  /** Where it stands. */
  readonly stage: Stage;
  /** Whether something is due, awaited or decided by a person. */
  readonly status: TaskStatus;
  /** What is due, or was when the task blocked or began to stop. */
  readonly step: StepName | null;
  /** What it waits for; null where it does not. */
  readonly waiting: Waiting | null;
  /** Start of the present wait, its earlier polls included; null when not waiting. */
  readonly waitingSinceMs: number | null;
  /** Why it rests; null where it does not. */
  readonly blocked: Blocked | null;
  /** How often each thing has happened in this episode. */
  readonly counts: { readonly [What in Counted]?: number };
  /** Since when each cause has been in the way. */
  readonly clocks: { readonly [What in WaitCause]?: Clock };
  /** Main holds the tested commit. Never goes back to false. */
  readonly landed: boolean;
  /** A place in the queue for the merge lease: from lock-busy until the merge check answers anything else. */
  readonly ticket: boolean;
  /** What the developer has to mend, findings verbatim; null when there is nothing. */
  readonly brief: string | null;
  /** For the recorded head only. */
  readonly overrides: readonly Override[];
  /** Grows each time a person or a new head gives the task a fresh start; part of every alert key. */
  readonly episode: number;
  /** Keys of repository-wide alerts raised in this episode. */
  readonly alerted: readonly string[];
  /** A stop that was asked for: being carried out (`stopping`) or put off until landing or deploy has answered. */
  readonly stop: {
    /** A person's stop, or the branch is gone. */
    readonly why: 'stop' | 'branch-gone';
    /** Who asked. */
    readonly by: string;
    /** When it happened, in milliseconds since the epoch. */
    readonly atMs: number;
  } | null;
  /** How a terminal task ended. */
  readonly ended: string | null;
}

/** A task that was not started yet. `enqueued` starts it. An unknown profile is taken for `full`, the stricter one. */
export function initialState(profile: Profile): TaskState {
  return {
    profile: profile === 'gates-only' ? 'gates-only' : 'full',
    stage: 'created',
    status: 'active',
    step: null,
    waiting: null,
    waitingSinceMs: null,
    blocked: null,
    counts: {},
    clocks: {},
    landed: false,
    ticket: false,
    brief: null,
    overrides: [],
    episode: 1,
    alerted: [],
    stop: null,
    ended: null,
  };
}

/** When the store owes this task a `woken: timer`; null when never, and for what is no state. */
export function timerDueMs(state: TaskState): number | null {
  return readForeign(() => {
    if (state.status === 'waiting') return state.waiting?.untilMs ?? null;
    return state.status === 'blocked' ? (state.blocked?.remindAtMs ?? null) : null;
  });
}
