/**
 * The one door to everything Gatehouse remembers. Each method is one transaction: it happened as a whole, and is on
 * disk, before its promise resolves; or it changed nothing. The store reads no clock: every time is passed in
 * (`atMs`, epoch milliseconds). What a caller must handle is in the answer's `kind`; a method rejects only with
 * `StoreTrouble` (disk full, read-only, corrupt, locked) or with a bug of ours.
 * One conformance suite holds every implementation to these sentences: test/store.contract.ts.
 */

import type {
  Decision,
  EngineConfig,
  EngineEvent,
  Profile,
  Stage,
  StopAnswer,
  TaskState,
  TaskStatus,
} from '@gatehouse/stage-engine';
import type { LeaseProof } from '@gatehouse/verdict';
import type {
  BaselineStore,
  EvidenceStore,
  MailStore,
  NewArtefact,
  NewGateRun,
  NewOutbox,
  WatchStore,
} from './port-records.ts';
import type { Job, JobKind, JobToken, Lease, Repository, StoredEvent, Task, Ticket } from './rows.ts';

export type {
  BaselineStore,
  EvidenceStore,
  MailStore,
  NewArtefact,
  NewCommandRun,
  NewGateRun,
  NewOutbox,
  QueueCounts,
  ResultKey,
  WatchStore,
} from './port-records.ts';
export type {
  Artefact,
  BaselineChange,
  BaselineKey,
  BaselineRecord,
  Breaker,
  GateRun,
  InboxMessage,
  Job,
  JobKind,
  JobState,
  JobToken,
  Lease,
  OutboxMessage,
  Repository,
  StoredCommandRun,
  StoredEvent,
  Task,
  Ticket,
  WorkerRecord,
} from './rows.ts';

export interface Store
  extends RepoStore,
    TaskStore,
    JobStore,
    LeaseStore,
    StopStore,
    EvidenceStore,
    BaselineStore,
    MailStore,
    WatchStore {
  /** Ends all connections; every later call rejects. */
  close(): Promise<void>;
}

/** The pure reducer with its settings; the store calls it inside the transaction of the event. */
export interface Engine {
  readonly decide: (state: TaskState, event: EngineEvent, config: EngineConfig) => Decision;
  readonly initialState: (profile: Profile) => TaskState;
  readonly config: EngineConfig;
}

export interface RepoStore {
  addRepo(
    repo: Pick<Repository, 'id' | 'url' | 'forge' | 'main' | 'profile'> & { policyPath?: string; atMs: number },
  ): Promise<{ kind: 'added'; repo: Repository } | { kind: 'exists'; repo: Repository }>;
  getRepo(id: string): Promise<Repository | null>;
  /** In order of id. */
  listRepos(): Promise<Repository[]>;
  /** Freeze (`frozenReason`), thaw (`null`), pause, resume, or correct the address. Audited as event `repo-changed`. */
  updateRepo(
    id: string,
    change: Partial<Pick<Repository, 'url' | 'forge' | 'main' | 'profile' | 'policyPath' | 'frozenReason' | 'paused'>>,
    audit: { actor: string; atMs: number },
  ): Promise<Repository | null>;
}

export interface NewTask {
  readonly id: string;
  readonly repoId: string;
  readonly profile: Profile;
  readonly branch: string;
  readonly key: string;
  readonly title: string;
  readonly description?: string;
  readonly priority?: number;
  readonly planeIssueId?: string;
  readonly trackerUpdatedAt?: number;
  readonly baseSha?: string;
  readonly headSha?: string;
  /** Ids of tasks of any repository that must be done or cancelled before a job of this one is claimed. */
  readonly dependsOn?: readonly string[];
  readonly actor: string;
  readonly atMs: number;
}

export type AddTaskOutcome =
  | { kind: 'added'; task: Task; started: Job[] }
  /** A live task of this repository has the same branch (or tracker issue), or the id is taken. */
  | { kind: 'exists'; task: Task }
  | { kind: 'unknown-repo' }
  | { kind: 'unknown-dependency'; id: string };

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
    Pick<Task, 'baseSha' | 'headSha' | 'testedSha' | 'testedTree' | 'landedSha' | 'title' | 'priority' | 'cancelReason'>
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

export interface TaskStore {
  /** Starts with `initialState(profile)`, then applies `enqueued` in the same transaction. */
  addTask(task: NewTask, engine: Engine): Promise<AddTaskOutcome>;
  getTask(id: string): Promise<Task | null>;
  /** Newest first; `live` leaves out done and cancelled ones. */
  listTasks(filter?: {
    repoId?: string;
    branch?: string;
    stage?: Stage;
    status?: TaskStatus;
    live?: boolean;
    limit?: number;
  }): Promise<Task[]>;
  /** Live tasks whose `timerDueAt` has come, longest due first: apply `woken` with why `timer` to each. */
  dueTimers(nowMs: number, limit: number): Promise<Task[]>;
  /** Tasks this one waits for, with the stage they are on. */
  dependenciesOf(taskId: string): Promise<{ id: string; stage: Stage }[]>;
  /** Adds a dependency; one that would close a cycle is refused. */
  addDependency(
    taskId: string,
    dependsOn: string,
  ): Promise<{ kind: 'added' } | { kind: 'cycle' } | { kind: 'unknown-task' }>;
  /** One transaction: job fence, reducer, state, event row, jobs, lease, tickets, outbox, writes. */
  applyEvent(request: ApplyRequest): Promise<ApplyOutcome>;
  /** In order of seq, after `afterSeq`. */
  taskEvents(taskId: string, page?: { afterSeq?: number; limit?: number }): Promise<StoredEvent[]>;
  /** All events of all tasks and repositories, for a resumable stream. */
  events(page: { afterSeq: number; limit: number }): Promise<StoredEvent[]>;
  /** For facts outside the reducer (approval asked, override, alert raised). */
  appendEvent(event: Omit<StoredEvent, 'seq'>): Promise<number>;
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
  /** Ready again, for anyone. Those of a task inside the critical window must be probed before anything else. */
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
   * Extends the claim. `lost` = someone else owns the job now, or nobody: stop the work, write nothing. `inLine`: the job
   * waits for another one, so the reaper's clock restarts as well.
   */
  heartbeat(job: JobToken, at: { atMs: number; leaseMs: number; inLine?: boolean }): Promise<'kept' | 'lost'>;
  /** Ends a job without an event, for example a probe. */
  finishJob(job: JobToken, end: { state: 'done' | 'failed'; atMs: number }): Promise<'finished' | 'fenced'>;
  /** Gives a claim back, unharmed (shutdown, no disk): ready again, the attempt not counted. */
  releaseJob(job: JobToken, at: { atMs: number; delayMs: number }): Promise<'released' | 'fenced'>;
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
  /** In order of id; `live` = ready or leased. */
  listJobs(filter?: { taskId?: string; repoId?: string; live?: boolean; limit?: number }): Promise<Job[]>;
}

export type AcquireOutcome =
  | { kind: 'acquired'; proof: LeaseProof; token: number }
  /** Held, or promised to the head ticket; `holder` says whose turn it is. */
  | { kind: 'busy'; holder: string }
  /** The job that asks was taken away: nothing is granted. */
  | { kind: 'fenced' };

export interface LeaseStore {
  /**
   * Idempotent for the same holder (same token), unless a job asks: then a holder that has the lease already is granted
   * it anew, so that whoever asked for it in an earlier claim of the task cannot give it back under the living one.
   * While tickets exist only the head's task gets it; getting it uses the ticket up. A lease that `reapLeases` would
   * free is taken over.
   */
  acquireLease(request: {
    repoId: string;
    holder: string;
    attempt: number;
    atMs: number;
    ttlMs: number;
    job?: JobToken;
  }): Promise<AcquireOutcome>;
  /** False = not held under this token any more. */
  renewLease(proof: LeaseProof, atMs: number): Promise<boolean>;
  /**
   * Frees it and wakes the head ticket: its ready job becomes due, its `wokenAt` is set and, with `engine`, its task
   * gets `woken` in the same transaction. Anything but the held token, or a holder inside the critical window,
   * changes nothing.
   */
  releaseLease(
    proof: LeaseProof,
    at: { atMs: number; engine?: Engine },
  ): Promise<{ kind: 'released'; woken: string | null } | { kind: 'not-held' } | { kind: 'critical' }>;
  leaseHeld(proof: LeaseProof): Promise<boolean>;
  /** The proof of a lease that this holder already has, for example after a restart. */
  leaseOf(repoId: string, holder: string): Promise<LeaseProof | null>;
  currentLease(repoId: string): Promise<Lease | null>;
  listLeases(): Promise<Lease[]>;
  /** Frees leases not renewed for `ttlMs` whose holder is not critical and has no leased job; wakes each head. */
  reapLeases(request: { nowMs: number; ttlMs: number; engine?: Engine }): Promise<Lease[]>;
  /** A place in the line; idempotent. A free lease wakes the new head at once. */
  takeTicket(ticket: { repoId: string; taskId: string; atMs: number }): Promise<Ticket>;
  dropTicket(ticket: { repoId: string; taskId: string; atMs: number }): Promise<boolean>;
  /** In line order. */
  listTickets(repoId?: string): Promise<Ticket[]>;
  /** Head tickets that were given the lease while their task still waits on lock-busy: apply `woken` to each. */
  wokenTickets(): Promise<Ticket[]>;
}

export type EnterOutcome =
  | { kind: 'entered'; criticalToken: number }
  /** The task is inside already (a crash, a second worker): probe what happened before doing anything. */
  | { kind: 'already-inside'; criticalToken: number }
  | { kind: 'stop-requested' }
  /** The job or the task's version is not what the caller thinks: the other side owns the task. */
  | { kind: 'fenced' }
  /** Answer `defer lock-busy`. */
  | { kind: 'lease-lost' };

export type StopOutcome =
  | {
      /**
       * `cancelled`: nothing ran. `stopping`: `stopped` were running and are fenced from this transaction on; end
       * their processes, prove it, then apply `stop-settled`. `deferred`: landing or deploying; recorded, nobody is
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
  | { kind: 'buried' }
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
  }): Promise<{ kind: 'buried'; task: Task } | { kind: 'refused'; reason: string }>;
}
