/** What the merge gate can answer. Only `mergeable` opens, and it is the only answer that leaves the lease held. */
import type { Crashed, LeaseProof, MachineFault } from '@gatehouse/verdict';
import type { RetestEnding } from './classify.ts';
import type { ChangedDefinition } from './gate-definition/compare.ts';
import type { RegressionMarker } from './request.ts';

export type MergeVerdict = Mergeable | Refused | Deferred | ToolFailed | Crashed;

/** The exact commit that was proven green on top of `base`; whoever holds `proof` may land it, and nothing else. */
export interface Mergeable {
  readonly kind: 'mergeable';
  readonly base: string;
  readonly head: string;
  readonly tested: string;
  readonly tree: string;
  readonly proof: LeaseProof;
  readonly evidence: GreenEvidence;
  readonly warnings: readonly string[];
}

/** The change is at fault; its author can act. */
export type Refused =
  | { readonly kind: 'conflicted'; readonly paths: readonly string[] }
  | { readonly kind: 'red'; readonly certificate: RedCertificate }
  | { readonly kind: 'marker-lost'; readonly markers: readonly RegressionMarker[] }
  /** The branch changes what the trusted test command runs; only an administrator may allow that. */
  | { readonly kind: 'gate-changed'; readonly changes: readonly ChangedDefinition[] }
  /** Only with the switch `infraRetry` off: the older behaviour, in which a deadline blames the branch. */
  | { readonly kind: 'timed-out'; readonly reason: string; readonly run: RecordedRun };

/** Nobody is at fault; asking again is safe. */
export type Deferred =
  | { readonly kind: 'busy'; readonly holder: string; readonly retryAfterMs: number }
  | {
      readonly kind: 'infra';
      readonly reason: string;
      readonly run?: RecordedRun;
      /** Met by a git call; that of a run is in its ending. */
      readonly trouble?: MachineFault;
    }
  | { readonly kind: 'flaky-blocked'; readonly first: RecordedRun; readonly second: RecordedRun }
  | { readonly kind: 'main-broken'; readonly base: string; readonly certificate: BrokenMainCertificate }
  | { readonly kind: 'base-moved'; readonly found: string }
  | { readonly kind: 'branch-moved'; readonly found: string };

/** The gate could not tell: its tools or its definition are broken. */
export interface ToolFailed {
  readonly kind: 'tool-failed';
  readonly reason: string;
  readonly run?: RecordedRun;
  readonly trouble?: MachineFault;
}

/** Why the tree is believed to be green. */
export type GreenEvidence = (
  | { readonly kind: 'first-try'; readonly run: RecordedRun }
  | { readonly kind: 'flaky'; readonly first: RecordedRun; readonly run: RecordedRun }
  | { readonly kind: 'remembered' }
  | { readonly kind: 'validated' }
) &
  Digests;

/** What the runs are bound to besides their trees; see digest.ts. */
export interface Digests {
  readonly gateDigest: string;
  /** The machine and what commands see of it; equal for every run of a certificate. */
  readonly hostDigest: string;
  /** `hostDigest` with the lockfiles of the tested tree. */
  readonly envDigest: string;
}

/** Red twice with the branch, green without it, under one gate definition on one host: the branch is what differs. */
export interface RedCertificate extends Digests {
  readonly tested: string;
  readonly base: string;
  readonly first: RecordedRun;
  readonly second: RecordedRun;
  readonly baseRun: RecordedRun;
  /** Failing tests both runs have in common; empty when the runner names none. */
  readonly failing: readonly string[];
}

/** Red with the branch and without it: the branch cannot be judged until main heals. */
export interface BrokenMainCertificate extends Digests {
  readonly tested: string;
  readonly base: string;
  readonly first: RecordedRun;
  readonly second: RecordedRun;
  readonly baseRun: RecordedRun;
}

/** What a command told about its tests. */
export interface RecordedTests {
  /** Tests that really ran; absent when the output could not be counted. A skipped test did not run. */
  readonly total?: number;
  /** Names, when the runner prints them; bounded. */
  readonly failed?: readonly string[];
  /** Why the first few of them failed, in the runner's own words; bounded. Only for a run that names failures. */
  readonly details?: readonly { readonly name: string; readonly detail: string }[];
}

/** One command the gate ran, as it goes into the record. */
export interface RecordedRun {
  readonly purpose: 'setup' | 'branch' | 'branch-again' | 'base' | 'probe' | 'coverage';
  readonly commit: string;
  readonly tree: string;
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: 'green' | 'red' | 'infra' | 'tool-failed';
  /** The row of the classification it fell into. */
  readonly ending?: RetestEnding;
  readonly reason: string;
  readonly exitCode?: number;
  readonly tests?: RecordedTests;
  /** Containment level the command ran under. */
  readonly level: string;
  /** Processes the command left behind, found and ended. */
  readonly leftovers: number;
  /** It was proven that no process of the command is left. */
  readonly verified: boolean;
  readonly logPath?: string;
  /** The end of the output, bounded; what a developer would scroll to. */
  readonly excerpt?: string;
}
