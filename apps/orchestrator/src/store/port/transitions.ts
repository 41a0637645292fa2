/** What one event changes: the task, its jobs, lease and ticket, and the facts that come with it. */
import type { EngineEvent, StopAnswer } from '@gatehouse/stage-engine';
import type { NewArtefact } from './artefacts.ts';
import type { Engine } from './engine.ts';
import type { NewGateRun } from './gate-runs.ts';
import type { Job, JobToken } from './jobs.ts';
import type { NewOutbox } from './outbox.ts';
import type { Task } from './tasks.ts';

export interface ApplyRequest {
  readonly taskId: string;
  readonly event: EngineEvent;
  readonly engine: Engine;
  /** Present when a job's work produced the event: the job ends in the same transaction, or nothing happens at all. */
  readonly job?: JobToken;
  readonly writes?: TransitionWrites;
  readonly actor?: string;
  /** What was decided for one head means nothing for another: then the event is ignored. */
  readonly onlyAtHead?: string;
  /** What was seen of one version of the task may be untrue of the next: then the event is ignored, and nothing is written. */
  readonly onlyAtVersion?: number;
}

/** Facts that become true together with the event. Written for an ignored event too, never for a fenced one. */
export interface TransitionWrites {
  readonly task?: Partial<
    Pick<
      Task,
      | 'baseSha'
      | 'headSha'
      | 'testedSha'
      | 'testedTree'
      | 'landedSha'
      | 'title'
      | 'priority'
      | 'cancelReason'
      | 'trackerUpdatedAt'
    >
  >;
  readonly gateRuns?: readonly NewGateRun[];
  readonly artefacts?: readonly NewArtefact[];
  readonly outbox?: readonly NewOutbox[];
  /**
   * Leaves the critical window in the same transaction. Without it a task inside the window keeps its merge lease,
   * whatever the effects say, until it is known to have landed: "not landed" is recorded only once it is impossible.
   * A terminal stage leaves the window by itself.
   */
  readonly leaveCritical?: boolean;
}

export type ApplyOutcome =
  | {
      kind: 'applied';
      task: Task;
      /** Seq of the event row. */
      seq: number;
      started: Job[];
      /** Jobs this event took away from the task; a leased one's worker must stop (its token is stale). */
      superseded: Job[];
      /** Tasks whose ticket got the freed lease in this transaction. */
      woken: string[];
      /** On `stop-requested` only. */
      stop?: StopAnswer;
    }
  /** `decide` had no use for it: no version, no event row; the job (if any) is done and the writes are in. */
  | { kind: 'ignored'; task: Task; stop?: StopAnswer }
  /** The job was taken away (reaped, stopped, superseded): nothing changed; stop the work. */
  | { kind: 'fenced' }
  | { kind: 'unknown-task' };
