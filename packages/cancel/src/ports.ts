/**
 * What stopping asks of the world: plain data in and out, every call with a signal. A port may hang, throw, answer
 * nonsense or be asked the same thing again after a crash; it must be idempotent, and it need not be anything else.
 */
import type { StopWord } from './verdict.ts';

/** One claim of a piece of work: what a stop has to end. */
export interface RunRef {
  /** The claim, as the ledger names it. */
  readonly id: string;
  /** Fencing token of the claim. */
  readonly token: number;
}

/** What the clean-up has to know of a task. */
export interface StopFacts {
  /** `gates-only`: the branch is a person's. Only the workplace and the place in the queue are removed. */
  readonly profile: 'full' | 'gates-only';
  /** Short name of the task's branch. */
  readonly branch: string;
  /** The head on record: 40 or 64 hex digits; null when none ever was. */
  readonly head: string | null;
  /** The branch that is landed on. */
  readonly main: string;
  /** Further names that are never deleted, in any spelling; `*` stands for any text. */
  readonly protectedNames: readonly string[];
}

/** Where a task stands with respect to its stop. `attempt` counts how often settling has begun, this time included. */
export type CancellationState =
  | { readonly kind: 'unknown-task' }
  | {
      readonly kind: 'not-due';
      /** What the task still waits for. */
      readonly reason: string;
    }
  /** Fenced; `runs` may still have processes. */
  | {
      readonly kind: 'stopping';
      /** How often settling has begun, this time included. */
      readonly attempt: number;
      /** What may still have processes. */
      readonly runs: readonly RunRef[];
      /** What the clean-up has to know. */
      readonly facts: StopFacts;
    }
  /** Cancelled and not cleaned up; `runs` are earlier claims that may still be about to end. */
  | {
      readonly kind: 'cancelled';
      /** How often settling has begun, this time included. */
      readonly attempt: number;
      /** What may still have processes. */
      readonly runs: readonly RunRef[];
      /** What the clean-up has to know. */
      readonly facts: StopFacts;
    }
  | { readonly kind: 'released' };

/** What the ledger is told once the runs of a task are over, proven or not. */
export interface RunsEnded {
  /** Id of the task, as the caller names it. */
  readonly taskId: string;
  /** False: raise one alert in the same transaction; something may still run. */
  readonly verified: boolean;
  /** One line per run whose end is not proven. */
  readonly unproven: readonly string[];
}

/** What the ledger is told when the keys of a task are to be set free. */
export interface KeyRelease {
  /** Id of the task, as the caller names it. */
  readonly taskId: string;
  /** One line for the record. */
  readonly note: string;
  /** Not empty: something could not be cleaned up; raise one alert in the same transaction. */
  readonly left: readonly string[];
  /** The tracker's own time of the issue; a late message not newer than this cannot bring the task back. */
  readonly trackerUpdatedAt?: number;
}

/** The durable memory. Each call is one transaction: it happened as a whole or not at all. */
export interface CancellationStore {
  /**
   * Records the stop and, outside the critical window, fences whatever runs, in one transaction. This is the one point
   * at which stopping and landing are ordered.
   */
  requestStop(
    ask: {
      /** Id of the task, as the caller names it. */
      readonly taskId: string;
      /** One line for the record. */
      readonly reason: string;
      /** Who asked. */
      readonly actor: string;
    },
    signal: AbortSignal,
  ): Promise<
    | {
        /** What the stop means for the task as it stands. */
        readonly kind: StopWord;
        /** What was running and is fenced from now on. */
        readonly runs: readonly RunRef[];
      }
    | UnknownToLedger
  >;
  /** Counts the attempt, durably, and says where the task stands. */
  beginAttempt(taskId: string, signal: AbortSignal): Promise<CancellationState>;
  /** The runs of a stopping task are over: it becomes cancelled. Recorded once, however often it is said. */
  completed(end: RunsEnded, signal: AbortSignal): Promise<LedgerAnswer>;
  /** Sets the keys of a cancelled task free (see `tombstoneKey`). Releasing twice is releasing once. */
  releaseKeys(release: KeyRelease, signal: AbortSignal): Promise<LedgerAnswer>;
}

type UnknownToLedger = { readonly kind: 'unknown-task' };
/** Whether the ledger did what it was told. `refused` is tried again by a later call. */
export type LedgerAnswer =
  | { readonly kind: 'recorded' }
  | {
      readonly kind: 'refused';
      /** Why the ledger would not record it. */
      readonly reason: string;
    };

/** What can end the runs of a task. */
export interface Runs {
  /**
   * Polite signal → `graceMs` → kill → prove that no process is left. `unknown`: no such run is known here, for example
   * because its service died; that is no proof. An end that takes longer than grace and proof allow is not waited for.
   */
  end(
    run: RunRef,
    limits: {
      /** Between the polite signal and the kill, in milliseconds. */
      readonly graceMs: number;
      /** Aborts when the answer is not waited for any longer. */
      readonly signal: AbortSignal;
    },
  ): Promise<
    | {
        readonly kind: 'ended';
        /** True only if it was proven that no process of the run is left. */
        readonly verified: boolean;
        /** Processes that could not be ended, in words. */
        readonly leftovers: readonly string[];
      }
    | { readonly kind: 'unknown' }
  >;
}

/** `done`, also when there was nothing to do. `left`: it stands and has to stay. `failed`: ask again later. */
export type StepAnswer =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'left';
      /** Why it stays. */
      readonly reason: string;
    }
  | {
      readonly kind: 'failed';
      /** What failed. */
      readonly reason: string;
    };

/** What has to be removed, kept or given up. Each call may be repeated, and is where it already happened. */
export interface CleanUp {
  /** Copies what the task wrote into the store. What was copied before stays, whatever the workplace holds by now. */
  copyArtefacts(of: StepSubject, signal: AbortSignal): Promise<StepAnswer>;
  /** Points `ref` of the mirror at `head`, so that no clean-up can lose the work. */
  keepHead(
    of: StepSubject & {
      /** Full name in the mirror that keeps the head. */
      readonly ref: string;
      /** The head on record. */
      readonly head: string;
    },
    signal: AbortSignal,
  ): Promise<StepAnswer>;
  /** Removes clone and slot. */
  removeWorkplace(of: StepSubject, signal: AbortSignal): Promise<StepAnswer>;
  /** Deletes the remote branch if, and only if, its head is `expected`: a compare-and-swap, never a forced push. */
  deleteBranch(
    of: StepSubject & {
      /** Short name of the branch at the remote. */
      readonly branch: string;
      /** The head it must still have. */
      readonly expected: string;
    },
    signal: AbortSignal,
  ): Promise<StepAnswer>;
  /** Gives up the merge lease and the place in the queue for it, when this task still has them. */
  releaseLease(of: StepSubject, signal: AbortSignal): Promise<StepAnswer>;
  /** Re-reads the tracker's issue. Leave it out where there is no tracker. */
  readIssue?(of: StepSubject, signal: AbortSignal): Promise<IssueAnswer>;
}

/** The task that a step of the clean-up is about. */
export interface StepSubject {
  /** Id of the task, as the caller names it. */
  readonly taskId: string;
  /** What the clean-up has to know of it. */
  readonly facts: StopFacts;
}

/** `updatedAt` is the tracker's own time, epoch milliseconds; null when there is no issue (any more). */
export type IssueAnswer =
  | {
      readonly kind: 'read';
      /** The tracker's own time of the issue, in milliseconds since the epoch; null where there is no issue. */
      readonly updatedAt: number | null;
    }
  | {
      readonly kind: 'failed';
      /** Why the tracker could not be asked. */
      readonly reason: string;
    };

/** Everything that settling reaches the world through. */
export interface SettlePorts {
  /** The durable memory. */
  readonly ledger: CancellationStore;
  /** What ends runs. */
  readonly runs: Runs;
  /** What removes and keeps what a task leaves. */
  readonly cleanUp: CleanUp;
}
