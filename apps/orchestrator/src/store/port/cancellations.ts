/** STOP against landing, and what is left to do after a STOP. */
import type { StopAnswer } from '@gatehouse/stage-engine';
import type { Engine } from './engine.ts';
import type { Job, JobToken } from './jobs.ts';
import type { Task } from './tasks.ts';

export type EnterOutcome =
  | { kind: 'entered'; criticalToken: number }
  /** The task is inside already (a crash, a second worker): probe what happened before doing anything. */
  | { kind: 'already-inside'; criticalToken: number }
  | { kind: 'stop-requested' }
  /** The job or the task's version is not what the caller thinks: the other side owns the task. */
  | { kind: 'fenced' }
  /** Answer `defer lock-busy`. */
  | { kind: 'lease-lost' }
  /** No green run of the test command, nor a declared stand-in, is on record for the commit: it has to be tested. */
  | { kind: 'untested' };

export type StopOutcome =
  | {
      /**
       * `cancelled`: nothing ran. `stopping`: `stopped` were running and are fenced from this transaction on; end
       * their processes, prove it, then apply `stop-settled`. `deferred`: landing or deploying; recorded, no job is
       * disturbed. `too_late`: done. `already`: a stop is recorded or the task is cancelled.
       */
      kind: StopAnswer;
      task: Task;
      stopped: Job[];
    }
  | { kind: 'unknown-task' };

export type SettlingOutcome =
  | {
      kind: 'begun';
      /** Stopping, or cancelled and not cleaned up. */
      task: Task;
      /** How often settling has begun, this time included. */
      attempt: number;
      /** The claims that the stop took away, under the tokens their workers had. */
      stopped: JobToken[];
    }
  | { kind: 'released' }
  | { kind: 'not-due'; reason: string }
  | { kind: 'unknown-task' };

export interface StopStore {
  /** The single linearisation point of landing against STOP: one conditional update, the reason read after it failed. */
  enterCritical(request: {
    taskId: string;
    version: number;
    job: JobToken;
    leaseToken: number;
    atMs: number;
  }): Promise<EnterOutcome>;
  /** False = the task is not inside under this token. A deferred STOP is then settled by the caller. */
  leaveCritical(request: { taskId: string; criticalToken: number; atMs: number }): Promise<boolean>;
  /** Records the STOP and, outside the critical window, fences the task's jobs in the same transaction. */
  requestStop(request: {
    taskId: string;
    reason: string;
    actor: string;
    atMs: number;
    engine: Engine;
  }): Promise<StopOutcome>;
  /** What a restart has to finish: tasks still stopping, and cancelled ones not cleaned up yet. Oldest first. */
  unsettledStops(): Promise<Task[]>;
  /** Counts the attempt (event `settling`) and says where the task stands; anything but `begun` counts nothing. */
  beginSettling(request: { taskId: string; actor: string; atMs: number }): Promise<SettlingOutcome>;
  /** After the clean-up of a cancelled task: sets its branch, key and issue free for a next generation. Idempotent. */
  tombstone(request: {
    taskId: string;
    note: string;
    /** What could not be cleaned up; not empty: one alert in the same transaction. */
    left?: readonly string[];
    actor: string;
    atMs: number;
    /** The tracker's own time of the issue; a webhook not newer than this cannot bring the task back. */
    trackerUpdatedAt?: number;
  }): Promise<{ kind: 'released'; task: Task } | { kind: 'refused'; reason: string }>;
}
