/** What the merge gate can answer. Only `mergeable` opens, and it is the only answer that leaves the lease held. */
import type { CommandRun } from '@gatehouse/gate-run';
import type { Crashed, LeaseProof, MachineFault } from '@gatehouse/verdict';
import type { ChangedDefinition } from './gate-definition/finding.ts';
import type { RegressionMarker } from './request.ts';

export type MergeVerdict = Mergeable | Refused | Deferred | ToolFailed | Crashed;

/** The exact commit that was proven green on top of `base`; the holder of `proof` may land it, and nothing else. */
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
  | { readonly kind: 'timed-out'; readonly reason: string; readonly run: CommandRun };

/** No change is at fault; asking again is safe. */
export type Deferred =
  | { readonly kind: 'busy'; readonly holder: string; readonly retryAfterMs: number }
  | {
      readonly kind: 'infra';
      readonly reason: string;
      readonly run?: CommandRun;
      /** The fault behind a git call; that of a run is in its ending. */
      readonly trouble?: MachineFault;
    }
  | { readonly kind: 'flaky-blocked'; readonly first: CommandRun; readonly second: CommandRun }
  | { readonly kind: 'main-broken'; readonly base: string; readonly certificate: BrokenMainCertificate }
  | { readonly kind: 'base-moved'; readonly found: string }
  | { readonly kind: 'branch-moved'; readonly found: string };

/** The gate could not decide: its tools or its definition are broken. */
export interface ToolFailed {
  readonly kind: 'tool-failed';
  readonly reason: string;
  readonly run?: CommandRun;
  readonly trouble?: MachineFault;
}

/** Why the tree counts as green. */
export type GreenEvidence = (
  | { readonly kind: 'first-try'; readonly run: CommandRun }
  | { readonly kind: 'flaky'; readonly first: CommandRun; readonly run: CommandRun }
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
  readonly first: CommandRun;
  readonly second: CommandRun;
  readonly baseRun: CommandRun;
  /** Failing tests both runs have in common; empty when the runner names none. */
  readonly failing: readonly string[];
}

/** Red with the branch and without it: the branch cannot be judged until main heals. */
export interface BrokenMainCertificate extends Digests {
  readonly tested: string;
  readonly base: string;
  readonly first: CommandRun;
  readonly second: CommandRun;
  readonly baseRun: CommandRun;
}
