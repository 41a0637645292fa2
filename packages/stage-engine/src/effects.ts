/** Orders to the store, all plain data: written with the state in one transaction, carried out at least once. */
import type { CheckName } from './checks.ts';
import type { JobKind, StepName } from './position.ts';
import type { Override, TaskState } from './task-state.ts';

/** One order for the store. */
export type EngineEffect =
  | {
      readonly kind: 'start-job';
      /** What kind of worker does it. */
      readonly job: JobKind;
      /** The step that is to be done. */
      readonly step: StepName;
      /** The job may not be claimed before this has passed. */
      readonly delayMs: number;
      /** What the developer has to mend. */
      readonly brief?: string;
      /** For a check that is asked although it was overridden. */
      readonly override?: Override;
    }
  /** No job of this task counts any more: ready ones are cancelled, a running one is fenced and ended. */
  | { readonly kind: 'cancel-jobs' }
  /** Idempotent; holds nothing = nothing to do. */
  | { readonly kind: 'release-lease' }
  | { readonly kind: 'take-ticket' }
  | { readonly kind: 'drop-ticket' }
  /** Run main itself, once for every task that waits for it, and send `woken: main-healed` when it is well. */
  | { readonly kind: 'probe-main' }
  /** A check that is not asked, and why: goes to the task's record as verdict `skip`. */
  | {
      readonly kind: 'record-skip';
      /** The check it is about. */
      readonly check: CheckName;
      /** Why it is not asked. */
      readonly reason: string;
    }
  /** For the people of the change: commit status and comment. */
  | {
      readonly kind: 'report';
      /** What the forge shows. */
      readonly status: 'pending' | 'success' | 'failure' | 'error';
      /** What people are told, bounded. */
      readonly text: string;
    }
  /** For the operator. Raised once per key: within the task, or within the repository. */
  | {
      readonly kind: 'alert';
      /** Raised once for this key. */
      readonly key: string;
      /** Within what the key is unique. */
      readonly scope: 'task' | 'repository';
      /** What people are told, bounded. */
      readonly text: string;
    }
  /** Remove slot, clone and run leftovers, once no run of the task is alive. */
  | { readonly kind: 'clean-up' };

/** What a stop is answered; see `decide` for when. */
export type StopAnswer = 'cancelled' | 'stopping' | 'deferred' | 'too_late' | 'already';

/** What one event comes to. */
export interface Decision {
  /** The next state; the very same object where the event was ignored. */
  readonly state: TaskState;
  /** Orders for the store, in order; written in the same transaction. */
  readonly effects: readonly EngineEffect[];
  /** The event did not apply: same state, no effects. */
  readonly ignored?: true;
  /** On `stop-requested` only. */
  readonly stop?: StopAnswer;
}

/** The event does not apply here. */
export function ignored(state: TaskState): Decision {
  return { state, effects: [], ignored: true };
}
