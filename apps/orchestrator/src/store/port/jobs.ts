/** Jobs: work for a worker, fenced by a token. */
import type { Stage } from '@gatehouse/stage-engine';
import type { JobKind, JobPayload, JobState } from '../../schema/stored-values.ts';

export type { JobKind, JobState };

export interface Job {
  readonly id: number;
  readonly repoId: string;
  /** Null only for a probe, which belongs to the repository. */
  readonly taskId: string | null;
  readonly kind: JobKind;
  readonly stage: Stage | null;
  readonly step: string;
  /** What the start-job effect holds beyond kind and step: a developer's brief, an override. */
  readonly payload: JobPayload;
  readonly state: JobState;
  /** Fencing token: +1 with every claim, and with every act that takes the job away from its worker. */
  readonly token: number;
  readonly workerId: string | null;
  readonly leaseUntil: number | null;
  readonly heartbeatAt: number | null;
  /** When the running claim last proved progress: its claim, or the last recorded command. */
  readonly progressAt: number | null;
  readonly availableAt: number;
  readonly priority: number;
  /** How often it was claimed. */
  readonly attempts: number;
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

/** Proof of a claim. Every write on behalf of a job carries it; a stale one changes nothing. */
export interface JobToken {
  readonly jobId: number;
  readonly token: number;
}

export interface ClaimRequest {
  readonly workerId: string;
  readonly kinds: readonly JobKind[];
  readonly nowMs: number;
  readonly leaseMs: number;
  readonly limits: {
    /** Most agent jobs leased at once, over all workers. */
    readonly agents: number;
    /** Most gate and probe jobs leased at once, over all workers. Landing takes no place. */
    readonly gateRuns: number;
    /** One active task per repository after `created`. */
    readonly serialPerRepo?: boolean;
  };
  /** Where given, gate jobs wait while a breaker of their repository is open on this host. */
  readonly host?: string;
}

export interface ClaimedJob extends Job {
  readonly state: 'leased';
  readonly workerId: string;
  readonly leaseUntil: number;
}

export interface Reaped {
  /** Ready again, for any worker. Those of a task inside the critical window must be probed before anything else. */
  readonly requeued: Job[];
  /** Out of attempts: leased to the reaper, which must answer for them with `applyEvent` (or will reap them again). */
  readonly exhausted: ClaimedJob[];
}

export interface JobStore {
  /**
   * One conditional update; token + 1. Landing first, then jobs of a lease holder, gates and probes, agents; within a
   * kind by age, a point of priority counting as ten minutes. Skips what is delayed, paused, frozen, waiting for a
   * dependency or of a task that is blocked, stopping or asked to stop (except inside the critical window).
   */
  claimJob(request: ClaimRequest): Promise<ClaimedJob | null>;
  /**
   * Extends the claim. `lost` = this claim does not own the job any more: stop the work, write nothing. `inLine`: the job
   * waits for another one, so the reaper's clock restarts as well.
   */
  heartbeat(job: JobToken, at: { atMs: number; leaseMs: number; inLine?: boolean }): Promise<'kept' | 'lost'>;
  /** Ends a job without an event, for example a probe. */
  finishJob(job: JobToken, end: { state: 'done' | 'failed'; atMs: number }): Promise<'finished' | 'fenced'>;
  /** Gives a claim back, unharmed (shutdown, no disk): ready again, the attempt not counted. */
  releaseJob(job: JobToken, at: { atMs: number; delayMs: number }): Promise<'released' | 'fenced'>;
  /** The task's waiting job is due now, as a person wants; false: none of it waits for a time. Kept in the log. */
  makeDue(of: { taskId: string; actor: string; atMs: number }): Promise<boolean>;
  /** A job of a repository instead of a task; at most one live per (repository, step), the live one is answered. */
  addProbe(probe: { repoId: string; step: string; delayMs: number; atMs: number }): Promise<Job>;
  /** Takes expired claims and those without progress for `maxRunningMs` away. Never touches a terminal job. */
  reapExpired(request: {
    nowMs: number;
    workerId: string;
    leaseMs: number;
    maxAttempts: number;
    maxRunningMs: number;
  }): Promise<Reaped>;
  getJob(id: number): Promise<Job | null>;
  /** In order of id; `live` = ready or leased; `probes`: those of no task. */
  listJobs(filter?: {
    taskId?: string;
    repoId?: string;
    live?: boolean;
    probes?: true;
    limit?: number;
  }): Promise<Job[]>;
}
