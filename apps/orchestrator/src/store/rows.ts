/**
 * What the store keeps, as plain data. No database library shows here, so that a second implementation of the port
 * answers the very same rows. Times are epoch milliseconds (`…At`, `…Until`), shas 40-hex strings; null = not (yet).
 */

import type { Override, Profile, Stage, TaskState, TaskStatus } from '@gatehouse/stage-engine';
import type { Cause, CheckVerdict, Finding } from '@gatehouse/verdict';

export type JobKind = 'gate' | 'landing' | 'agent' | 'probe';
/** `done`, `failed` and `cancelled` are terminal: nothing re-queues them. */
export type JobState = 'ready' | 'leased' | 'done' | 'failed' | 'cancelled';

export interface Repository {
  readonly id: string;
  readonly url: string;
  readonly forge: string;
  /** Short name of the protected branch, usually `main`. */
  readonly main: string;
  readonly profile: Profile;
  /** The operator's file for this repository; wins over `gatehouse.yaml`. */
  readonly policyPath: string | null;
  /** While set no gate or landing job of the repository is claimed; cleared by an admin's thaw. */
  readonly frozenReason: string | null;
  /** While true no job of the repository is claimed. */
  readonly paused: boolean;
  readonly createdAt: number;
}

export interface Task {
  readonly id: string;
  readonly repoId: string;
  readonly profile: Profile;
  /** Branch, key and issue carry the suffix `~stopped~<id>` once the task was stopped. */
  readonly branch: string;
  readonly key: string;
  readonly planeIssueId: string | null;
  /** The tracker's own clock; only ever compared with tracker time. */
  readonly trackerUpdatedAt: number | null;
  readonly title: string;
  readonly description: string;
  /** One point is worth ten minutes of waiting in the claim order; -100..100. */
  readonly priority: number;
  /** 1 for the first task of a branch, +1 for every later one. */
  readonly generation: number;
  readonly stage: Stage;
  readonly status: TaskStatus;
  /** The engine's state; `stage` and `status` repeat it for queries. */
  readonly state: TaskState;
  /** +1 with every change of the row that an event, a stop or the critical window makes. */
  readonly version: number;
  /** When the engine wants a `woken` with why `timer`; null = only an event moves the task. */
  readonly timerDueAt: number | null;
  readonly baseSha: string | null;
  readonly headSha: string | null;
  readonly testedSha: string | null;
  readonly testedTree: string | null;
  readonly landedSha: string | null;
  /** Fencing token of the merge lease under which the task is inside the critical window. */
  readonly criticalToken: number | null;
  readonly cancelRequestedAt: number | null;
  readonly cancelReason: string | null;
  /** When the cancelled task was cleaned up and its keys were set free. */
  readonly cancelledAt: number | null;
  /** When a job of the task was first claimed since it entered, or was last blocked: its place in a serial gate. */
  readonly startedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Job {
  readonly id: number;
  readonly repoId: string;
  /** Null only for a probe, which belongs to the repository. */
  readonly taskId: string | null;
  readonly kind: JobKind;
  readonly stage: Stage | null;
  readonly step: string;
  /** What the start-job effect said beyond kind and step: a developer's brief, an override. */
  readonly payload: { readonly brief?: string; readonly override?: Override };
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

export interface Lease {
  readonly repoId: string;
  /** Task id (or another holder's name). */
  readonly holder: string;
  readonly attempt: number;
  /** Only grows within the repository. */
  readonly token: number;
  readonly acquiredAt: number;
  readonly renewedAt: number;
  readonly releasedAt: number | null;
}

export interface Ticket {
  /** FIFO position: the lowest of a repository is the head. */
  readonly id: number;
  readonly repoId: string;
  readonly taskId: string;
  readonly takenAt: number;
  /** When the lease became free for this ticket; null while it waits. */
  readonly wokenAt: number | null;
}

export interface StoredCommandRun {
  readonly id: number;
  readonly repoId: string;
  readonly taskId: string | null;
  readonly jobId: number | null;
  readonly purpose: string;
  readonly commit: string;
  readonly tree: string | null;
  readonly command: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: string;
  readonly reason: string;
  readonly exitCode: number | null;
  readonly tests: { readonly total?: number; readonly failed?: readonly string[] } | null;
  /** How well the processes were contained; see @gatehouse/proc-group. */
  readonly level: string | null;
  readonly leftovers: number;
  readonly logPath: string | null;
}

export interface GateRun {
  readonly id: number;
  readonly taskId: string;
  readonly jobId: number | null;
  readonly check: string;
  readonly baseSha: string | null;
  readonly headSha: string | null;
  readonly testedSha: string | null;
  readonly tree: string | null;
  readonly status: CheckVerdict['status'];
  readonly cause: Cause | null;
  readonly reason: string;
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  readonly artefact: string | null;
  readonly durationMs: number;
  readonly gateDigest: string | null;
  readonly createdAt: number;
}

export interface Artefact {
  readonly id: number;
  readonly taskId: string;
  readonly stage: Stage;
  readonly attempt: number;
  readonly jobId: number | null;
  readonly jobToken: number | null;
  readonly name: string;
  readonly path: string;
  /** sha256, hex. */
  readonly digest: string;
  readonly codeTree: string | null;
  readonly createdAt: number;
}

export interface StoredEvent {
  /** Global, without repeats, in commit order: the cursor of the event stream. */
  readonly seq: number;
  readonly repoId: string | null;
  readonly taskId: string | null;
  readonly kind: string;
  /** For an engine event the event itself, so that a task's rows replay to its state. */
  readonly body: unknown;
  readonly actor: string;
  readonly at: number;
}

export interface InboxMessage {
  readonly id: number;
  readonly source: string;
  readonly dedupeKey: string;
  readonly bodyHash: string;
  readonly body: string;
  readonly receivedAt: number;
  readonly processedAt: number | null;
  readonly error: string | null;
}

export interface OutboxMessage {
  readonly id: number;
  /** `report`, `alert`, `clean-up` or a kind of the caller's. */
  readonly kind: string;
  readonly taskId: string | null;
  readonly dedupeKey: string;
  readonly payload: unknown;
  readonly state: 'pending' | 'sent' | 'dead';
  readonly token: number;
  readonly attempts: number;
  readonly availableAt: number;
  readonly leaseUntil: number | null;
  readonly sentAt: number | null;
  readonly lastError: string | null;
  readonly createdAt: number;
}

export interface WorkerRecord {
  readonly id: string;
  /** Host, boot and pid namespace. */
  readonly host: string;
  readonly pid: number;
  /** As the kernel tells it; empty where it does not. */
  readonly startTime: string;
  readonly version: string;
  readonly startedAt: number;
  readonly heartbeatAt: number;
}

export interface Breaker {
  readonly repoId: string;
  readonly cause: string;
  readonly host: string;
  /** `suspect`: one task met the trouble; `open`: gate jobs wait for a probe. */
  readonly state: 'suspect' | 'open';
  readonly taskId: string | null;
  readonly since: number;
}

/** The record a branch's coverage is compared with; arithmetic in @gatehouse/coverage-gate. */
export interface BaselineRecord {
  readonly seq: number;
  readonly metric: 'lines';
  readonly commandHash: string;
  readonly mark: { readonly covered: number; readonly total: number; readonly commit: string };
  readonly ref: { readonly uncovered: number; readonly total: number };
  readonly last: { readonly covered: number; readonly total: number; readonly tree: string; readonly commit: string };
  readonly files: Readonly<Record<string, readonly [covered: number, total: number]>>;
}

export interface BaselineKey {
  readonly repoId: string;
  readonly branch: string;
  readonly metric: 'lines';
  readonly commandHash: string;
}

/** One landed or overridden baseline, newest last: what a coverage chart draws. */
export interface BaselineChange extends BaselineKey {
  readonly id: number;
  readonly seq: number;
  readonly covered: number;
  readonly total: number;
  readonly commit: string;
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
}
