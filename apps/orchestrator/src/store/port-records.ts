/**
 * The part of the store port that keeps evidence, baselines, mail and numbers. The promise at the head of port.ts
 * holds here too.
 */

import type { Stage, TaskStatus } from '@gatehouse/stage-engine';
import type { LeaseProof } from '@gatehouse/verdict';
import type {
  Artefact,
  BaselineChange,
  BaselineKey,
  BaselineRecord,
  Breaker,
  GateRun,
  InboxMessage,
  JobKind,
  JobToken,
  OutboxMessage,
  StoredCommandRun,
  WorkerRecord,
} from './rows.ts';

export type NewGateRun = Omit<GateRun, 'id' | 'taskId' | 'jobId'>;
export type NewArtefact = Omit<Artefact, 'id' | 'taskId' | 'jobId' | 'jobToken'>;
export type NewCommandRun = Omit<StoredCommandRun, 'id' | 'jobId'>;

/** What a green was earned with; see DESIGN "Merge gate". */
export interface ResultKey {
  readonly tree: string;
  readonly gateDigest: string;
  readonly envDigest: string;
}

export interface EvidenceStore {
  /** Keeps the run and, with a current job token, restarts the reaper's clock for that job. */
  recordRun(run: NewCommandRun, job?: JobToken): Promise<number>;
  commandRuns(filter: { taskId?: string; repoId?: string; limit?: number }): Promise<StoredCommandRun[]>;
  recordGateRun(taskId: string, run: NewGateRun): Promise<number>;
  /** Newest first. */
  gateRuns(filter: { taskId: string; check?: string; limit?: number }): Promise<GateRun[]>;
  recordArtefact(taskId: string, artefact: NewArtefact, job?: JobToken): Promise<number>;
  /** The newest that matches. */
  findArtefact(filter: {
    taskId: string;
    name: string;
    stage?: Stage;
    attempt?: number;
    jobId?: number;
  }): Promise<Artefact | null>;
  listArtefacts(taskId: string): Promise<Artefact[]>;
  /** `green` only for a first-try green of exactly this key, at most `ttlMs` old. */
  lookupResult(key: ResultKey, at: { atMs: number; ttlMs: number }): Promise<'green' | 'none'>;
  /** `green` is kept; `red` forgets every green of that tree, whatever it was earned with; `flaky` forgets this key. */
  recordResult(key: ResultKey, outcome: 'green' | 'red' | 'flaky', atMs: number): Promise<void>;
}

export interface BaselineStore {
  readBaseline(key: BaselineKey): Promise<BaselineRecord | null>;
  /** True once `next` is the record: the stored seq was `expectedSeq` (0 = none) and the lease is held by the proof. */
  compareAndSetBaseline(
    key: BaselineKey,
    request: { expectedSeq: number; next: BaselineRecord; proof: LeaseProof; atMs: number },
  ): Promise<boolean>;
  /** An admin's audited override; needs no lease, still compares the seq. */
  overrideBaseline(
    key: BaselineKey,
    request: { expectedSeq: number; next: BaselineRecord; actor: string; reason: string; atMs: number },
  ): Promise<boolean>;
  baselineHistory(filter: { repoId: string; branch?: string; limit?: number }): Promise<BaselineChange[]>;
  listBaselines(repoId: string): Promise<(BaselineKey & { record: BaselineRecord })[]>;
}

export interface NewOutbox {
  readonly kind: string;
  /** A second row with the same key is dropped: that is what "exactly one alert" rests on. */
  readonly dedupeKey: string;
  readonly payload: unknown;
  readonly availableAt?: number;
}

export interface MailStore {
  /** False = the dedupe key is known. */
  addOutbox(row: NewOutbox & { taskId?: string; atMs: number }): Promise<boolean>;
  /** At-least-once: a row not acknowledged within `leaseMs` is handed out again. Oldest first. */
  claimOutbox(request: {
    nowMs: number;
    leaseMs: number;
    limit: number;
    kinds?: readonly string[];
  }): Promise<OutboxMessage[]>;
  /** False = handed out again meanwhile. */
  ackOutbox(row: Pick<OutboxMessage, 'id' | 'token'>, atMs: number): Promise<boolean>;
  /** Back in line at `retryAtMs`, or `dead` for good with null. */
  nackOutbox(
    row: Pick<OutboxMessage, 'id' | 'token'>,
    failure: { error: string; retryAtMs: number | null },
  ): Promise<boolean>;
  /** A webhook delivery; acknowledge it to the sender only after this resolved. */
  receiveInbox(
    mail: Pick<InboxMessage, 'source' | 'dedupeKey' | 'bodyHash' | 'body'> & { atMs: number },
  ): Promise<'received' | 'duplicate'>;
  pendingInbox(limit: number): Promise<InboxMessage[]>;
  settleInbox(id: number, result: { atMs: number; error?: string }): Promise<void>;
}

export interface QueueCounts {
  readonly jobs: { kind: JobKind; state: 'ready' | 'delayed' | 'leased'; count: number }[];
  readonly tasks: { stage: Stage; status: TaskStatus; count: number }[];
  /** Availability of the longest due ready job; null = none is due. */
  readonly oldestDueAt: number | null;
  readonly tickets: number;
  readonly leasesHeld: number;
  readonly outboxPending: number;
  readonly inboxPending: number;
}

export interface WatchStore {
  /**
   * Makes `worker` the only service on this store and takes the jobs of those before it back, unless one of them may
   * still be alive: not `gone` and heard of within `silentMs`.
   */
  registerExclusive(request: {
    worker: WorkerRecord;
    gone: readonly string[];
    silentMs: number;
  }): Promise<{ kind: 'acquired'; reclaimed: number } | { kind: 'held'; by: WorkerRecord }>;
  heartbeatWorker(worker: WorkerRecord): Promise<void>;
  listWorkers(): Promise<WorkerRecord[]>;
  removeWorker(id: string): Promise<void>;
  /**
   * Reports trouble that may be nobody's. The first task makes the breaker suspect; a second, different task in a row (or
   * `atOnce`) opens it, with its alert and its probe in the same transaction. `own`: the task said so before, main ran
   * well afterwards, and for a day its word alone counts no more.
   */
  tripBreaker(trouble: {
    repoId: string;
    cause: string;
    host: string;
    taskId: string | null;
    atOnce: boolean;
    atMs: number;
    /** Step of the probe that is to end it; a live one is enough. */
    probe: string;
    /** What the operator is told when it opens. */
    alert: string;
  }): Promise<'own' | 'suspect' | 'opened' | 'open'>;
  /**
   * A run that ended by itself: closes matching breakers (all causes when none is named) and refutes whoever opened them.
   * With `only` suspect an open one stays as it is, and so does what was said about it.
   */
  closeBreaker(filter: {
    repoId: string;
    host: string;
    causes?: readonly string[];
    only?: 'suspect';
    atMs: number;
  }): Promise<number>;
  listBreakers(repoId?: string): Promise<Breaker[]>;
  queueCounts(nowMs: number): Promise<QueueCounts>;
  /** Changes with every commit of any process; equal answers mean that a cached body is still true. */
  revision(): Promise<string>;
  /** Drops finished jobs, events, runs, sent mail and expired results older than `beforeMs` of ended tasks. */
  prune(beforeMs: number): Promise<number>;
}
