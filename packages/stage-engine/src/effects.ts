/** Orders to the store, all plain data: written with the state in one transaction, carried out at least once. */
import type { CheckName } from './checks.ts';
import type { JobKind, StepName } from './position.ts';
import type { Override, TaskState } from './task-state.ts';

export type EngineEffect =
  | {
      readonly kind: 'start-job';
      readonly job: JobKind;
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
  | { readonly kind: 'record-skip'; readonly check: CheckName; readonly reason: string }
  /** For the people of the change: commit status and comment. */
  | { readonly kind: 'report'; readonly status: 'pending' | 'success' | 'failure' | 'error'; readonly text: string }
  /** For the operator. Raised once per key: within the task, or within the repository. */
  | { readonly kind: 'alert'; readonly key: string; readonly scope: 'task' | 'repository'; readonly text: string }
  /** Remove slot, clone and run leftovers, once no run of the task is alive. */
  | { readonly kind: 'clean-up' };

/** What a stop is answered; see `decide` for when. */
export type StopAnswer = 'cancelled' | 'stopping' | 'deferred' | 'too_late' | 'already';

export interface Decision {
  readonly state: TaskState;
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
