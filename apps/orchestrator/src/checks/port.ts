/**
 * What a check is given. The service builds it from its store, the command line from files; a check cannot distinguish them.
 */
import type { BaselinePort } from '@gatehouse/coverage-gate';
import type { CommandRun } from '@gatehouse/gate-run';
import type { GitRepo } from '@gatehouse/git';
import type { BaseRunQueue, CertificatePort, LeasePort, ResultPort, TestMemoryPort } from '@gatehouse/merge-gate';
import type { FeedPort } from '@gatehouse/security-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import type { CheckWorkspace } from '../platform/claim-directories.ts';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import type { Settings } from '../settings.ts';

export interface CheckSubject {
  readonly repo: string;
  /** Name of the lease's holder in this repository: the task, or a run from the shell. */
  readonly holder: string;
  readonly branch: string;
  readonly main: string;
  /** main's head when the check began. */
  readonly base: string;
  /** The branch's own head. */
  readonly head: string;
  /** The caught-up commit of an earlier merge check for this very base and head. */
  readonly tested?: string;
}

export interface CheckPorts {
  readonly lease: LeasePort;
  readonly results: ResultPort;
  /** The memory of single tests; absent where nothing outlives the run. */
  readonly tests?: TestMemoryPort;
  /** Certificates that ran out of their budget; absent where nothing outlives the run. */
  readonly certificates?: CertificatePort;
  /** The queue for runs of main itself; absent where no other caller asks for one. */
  readonly base?: BaseRunQueue;
  /** What the merge check's own test run covered, as `TEST_RUN` says it; absent where checks share nothing. */
  readonly testRun?: () => Promise<string | null>;
  /** The baseline kept for one coverage command (sha256 of it). */
  readonly baseline: (commandHash: string) => BaselinePort;
  /** Null: no feed is configured. */
  readonly feed: FeedPort | null;
  readonly record: (run: CommandRun) => Promise<void>;
  /** What the forge's own checks say of a commit; absent where there is no forge to ask. */
  readonly reported?: (commit: string) => Promise<ReportedByForge>;
}

/** `unsupported`: this forge has no checks. `none`: it has, and none was reported for this commit. */
export type ReportedByForge =
  | { readonly kind: 'green'; readonly names: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'pending' | 'red' | 'unreachable' | 'unsupported'; readonly reason: string };

/** What a check about a stage of a task may know: its own copy of the report, and earlier verdicts about this code. */
export interface TaskEvidence {
  readonly key: string;
  /** Of the head; null: it could not be read. */
  readonly codeTree: string | null;
  /** The copy that this stage's last agent job left under this name. */
  readonly copyOf: (name: string) => Promise<StoredReport>;
  /** Recorded passes of ci, tests and staging for this very code. */
  readonly validated: boolean;
}

export type StoredReport =
  | { readonly kind: 'copy'; readonly text: string; readonly codeTree: string | null }
  | { readonly kind: 'none'; readonly reason: string };

export interface CheckContext {
  /** Absent where there is no task with stages: a shell, a queue for people. */
  readonly evidence?: TaskEvidence;
  readonly subject: CheckSubject;
  readonly git: GitRepo;
  readonly policy: GatePolicy;
  readonly settings: Settings;
  readonly workspace: CheckWorkspace;
  readonly ports: CheckPorts;
  /** A named person answers for a branch that changes what its own test command runs. */
  readonly allowGateChange?: boolean;
  readonly signal: AbortSignal;
}

/** A check: one question about one commit. It answers, it never throws. */
export type Check = (context: CheckContext) => Promise<CheckVerdict>;
