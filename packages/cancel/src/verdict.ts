/** What stopping can answer, and what each answer asks of the caller. Only `settled` means that it is over. */
import type { RunRef } from './ports.ts';

/**
 * `cancelled`: nothing ran. `stopping`: something ran and is fenced from now on. `deferred`: it is landing or
 * deploying; recorded, carried out afterwards. `too_late`: the task is done. `already`: a stop was on record before,
 * or the task is cancelled.
 */
export type StopWord = 'cancelled' | 'stopping' | 'deferred' | 'too_late' | 'already';

/** `settle`: call `settleStop` now. `wait`: after landing has answered. `nothing`: there is nothing to settle. */
export type NextStep = 'settle' | 'wait' | 'nothing';

/** The stop is on record. */
export interface StopRecorded {
  /** What the stop means for the task as it stands. */
  readonly kind: StopWord;
  /** What the caller does next. */
  readonly next: NextStep;
  /** What was running and has to be ended; `settleStop` asks the ledger again and does not depend on this list. */
  readonly runs: readonly RunRef[];
}

/** The ledger knows no such task. */
export interface UnknownTask {
  readonly kind: 'unknown-task';
}

/** The request itself cannot be used; nothing was asked of any port. */
export interface RefusedStop {
  readonly kind: 'refused';
  /** What is wrong with the request. */
  readonly reason: string;
}

/** The ledger did not answer, so the stop may or may not be on record. Ask again: asking twice is harmless. */
export interface Unanswered {
  readonly kind: 'unanswered';
  /** What the ledger said, or that it said nothing in time. */
  readonly reason: string;
}

/** What `requestStop` can answer. */
export type StopVerdict = StopRecorded | UnknownTask | Unanswered | RefusedStop;

/** In the order in which they are taken. */
export type StopStepName =
  | 'begin'
  | 'end-runs'
  | 'record-end'
  | 'copy-artefacts'
  | 'keep-head'
  | 'remove-workplace'
  | 'delete-branch'
  | 'release-lease'
  | 'read-issue'
  | 'release-keys';

/**
 * `done`: as it must be. `skipped`: not wanted for this task. `left`: stays for good, on purpose. `failed`: to be tried
 * again. `waiting`: rests on a step that failed, and was not tried.
 */
export interface StopStepOutcome {
  /** The step of the clean-up. */
  readonly step: StopStepName;
  /** How the step ended. */
  readonly kind: 'done' | 'skipped' | 'left' | 'failed' | 'waiting';
  /** One line for a person; empty where there is nothing to say. */
  readonly detail: string;
}

interface Taken {
  /** Every step that was considered, in order. */
  readonly steps: readonly StopStepOutcome[];
  /** Nothing of the runs is left, proven. Null: their end was on record before, or nothing ran. */
  readonly verified: boolean | null;
}

/** The keys are released: the next generation may use them. */
export interface Settled extends Taken {
  readonly kind: 'settled';
  /** What could not be cleaned up, one line each; the ledger has them and raises the alert. Usually empty. */
  readonly left: readonly string[];
}

/** Something did not work or was cut off. What is done stays done; call again after `retryAfterMs`. */
export interface Unfinished extends Taken {
  readonly kind: 'unfinished';
  /** Which attempt this was, as the ledger counts them; 0 when the ledger did not say. */
  readonly attempt: number;
  /** When to call again, in milliseconds from now. */
  readonly retryAfterMs: number;
}

/** There is no stop to settle yet: none is on record, or landing has not answered. */
export interface NotDue {
  readonly kind: 'not-due';
  /** What has to happen first. */
  readonly reason: string;
}

/** Settled by an earlier call. */
export interface Over {
  readonly kind: 'over';
}

/** What `settleStop` can answer. Only `settled` and `over` end the matter. */
export type SettleVerdict = Settled | Unfinished | NotDue | Over | UnknownTask | RefusedStop;
