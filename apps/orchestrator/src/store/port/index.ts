/**
 * The one way to everything Gatehouse stores. Each method is one transaction: it happened as a whole, and is on
 * disk, before its promise resolves; or it changed nothing. The store reads no clock: every time is passed in
 * (`atMs`, epoch milliseconds). What a caller must handle is in the answer's `kind`; a method rejects only with
 * `StoreError` (disk full, read-only, corrupt, locked) or with a bug of ours. A lock of another process is waited for, and
 * nothing of this one waits with it.
 * One conformance suite holds every implementation to these sentences: test/store/store.contract.ts.
 *
 * Records are plain data, and no database library shows, so that a second implementation answers the very same ones.
 * Times are epoch milliseconds (`…At`, `…Until`), shas 40 hex digits; null = not (yet).
 */
import type { AgentRunStore } from './agent-runs.ts';
import type { ArtefactStore } from './artefacts.ts';
import type { BaselineStore } from './baselines.ts';
import type { BreakerStore } from './breakers.ts';
import type { StopStore } from './cancellations.ts';
import type { CertificateStore } from './certificates.ts';
import type { ChangeStore, CommitListeners } from './changes.ts';
import type { CommandRunStore } from './command-runs.ts';
import type { EventStore } from './events.ts';
import type { GateRunStore } from './gate-runs.ts';
import type { InboxStore } from './inbox.ts';
import type { JobStore } from './jobs.ts';
import type { LeaseStore } from './leases.ts';
import type { OutboxStore } from './outbox.ts';
import type { PullRequestStore } from './pull-requests.ts';
import type { QueueStore } from './queue.ts';
import type { RepoStore } from './repositories.ts';
import type { ResultStore } from './results.ts';
import type { RetentionStore } from './retention.ts';
import type { SessionStore } from './sessions.ts';
import type { StatsStore } from './stats.ts';
import type { TaskStore } from './tasks.ts';
import type { TestHistoryStore } from './test-history.ts';
import type { TrackerStore } from './tracker.ts';
import type { WorkerStore } from './workers.ts';

export type { AgentRun, AgentRunStore } from './agent-runs.ts';
export type { Artefact, ArtefactStore, NewArtefact } from './artefacts.ts';
export type { BaselineChange, BaselineKey, BaselineRecord, BaselineStore } from './baselines.ts';
export type { Breaker, BreakerStore } from './breakers.ts';
export type { EnterOutcome, SettlingOutcome, StopOutcome, StopStore } from './cancellations.ts';
export type { CertificateKey, CertificateStore } from './certificates.ts';
export type { ChangeStore, CommitListeners } from './changes.ts';
export type { CommandRunStore, NewCommandRun, RunCount, StoredCommandRun } from './command-runs.ts';
export type { Engine } from './engine.ts';
export type { EventSearch, EventStore, StoredEvent } from './events.ts';
export type { GateRun, GateRunStore, NewGateRun } from './gate-runs.ts';
export type { InboxMessage, InboxStore } from './inbox.ts';
export type { ClaimedJob, ClaimRequest, Job, JobKind, JobState, JobStore, JobToken, Reaped } from './jobs.ts';
export type { AcquireOutcome, Lease, LeaseStore, Ticket } from './leases.ts';
export type { NewOutbox, OutboxMessage, OutboxStore } from './outbox.ts';
export type { AskedHow, CountedCommands, PullRequestStore, RememberedPullRequest } from './pull-requests.ts';
export type { QueuePlace, QueueStore } from './queue.ts';
export type { RepoStore, Repository } from './repositories.ts';
export type { ResultKey, ResultStore } from './results.ts';
export type { RetentionStore } from './retention.ts';
export type { Session, SessionStore } from './sessions.ts';
export type { QueueCounts, StatsStore } from './stats.ts';
export type { AddTaskOutcome, NewTask, Task, TaskStore } from './tasks.ts';
export type { FlakyTest, SeenSuite, TestHistoryStore } from './test-history.ts';
export type { TrackedIssueRecord, TrackerStateRecord, TrackerStore } from './tracker.ts';
export type { ApplyOutcome, ApplyRequest, TransitionWrites } from './transitions.ts';
export type { WorkerRecord, WorkerStore } from './workers.ts';

/** Everything Gatehouse remembers. */
export interface Store
  extends RepoStore,
    TaskStore,
    EventStore,
    ChangeStore,
    CommitListeners,
    JobStore,
    LeaseStore,
    StopStore,
    CommandRunStore,
    AgentRunStore,
    GateRunStore,
    ArtefactStore,
    ResultStore,
    CertificateStore,
    TestHistoryStore,
    BaselineStore,
    OutboxStore,
    InboxStore,
    PullRequestStore,
    BreakerStore,
    WorkerStore,
    SessionStore,
    StatsStore,
    QueueStore,
    RetentionStore,
    TrackerStore {
  /** Ends all connections; every later call rejects. */
  close(): Promise<void>;
}
