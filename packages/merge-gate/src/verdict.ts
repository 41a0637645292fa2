/** What the merge gate can answer. Only `mergeable` opens, and it is the only answer that leaves the lease held. */
import type { CommandRun } from '@gatehouse/gate-run';
import type { Crashed, LeaseProof, MachineFault } from '@gatehouse/verdict';
import type { TestPlace } from './failure-place.ts';
import type { ChangedDefinition } from './gate-definition/finding.ts';
import type { RuledBy } from './path-rules/apply.ts';
import type { RegressionMarker } from './request.ts';

/** What the merge gate can answer. Only `mergeable` opens, and it holds the lease. */
export type MergeVerdict = (Mergeable | NothingToLand | Refused | Deferred | ToolFailed | Crashed) & RuledBy;

/** The exact commit that was proven green on top of `base`; the holder of `proof` may land it, and nothing else. */
export interface Mergeable {
  readonly kind: 'mergeable';
  /** The commit of main it was tested on top of. */
  readonly base: string;
  /** Full object name of the branch's own commit. */
  readonly head: string;
  /** Full object name of the caught-up commit. */
  readonly tested: string;
  /** Tree object name of the tested commit. */
  readonly tree: string;
  /** The lease, held until the caller gives it back. */
  readonly proof: LeaseProof;
  /** Why the tree counts as green. */
  readonly evidence: GreenEvidence;
  /** What a person should hear although it does not decide, one line each. */
  readonly warnings: readonly string[];
}

/** The candidate's tree is main's own: nothing was run, and nothing is to land. */
export interface NothingToLand {
  readonly kind: 'nothing-to-land';
  /**
   * `equal`: the head is the base. `contained`: the base contains the head. `on-main`: every commit was dropped, because main
   * has its change. `no-change`: the commits are empty, or cancel one another out against main.
   */
  readonly why: 'equal' | 'contained' | 'on-main' | 'no-change';
  /** Commits of the branch that the base does not contain. */
  readonly commits: number;
}

/** The change is at fault; its author can act. */
export type Refused =
  | {
      readonly kind: 'conflicted';
      /** Files in conflict, relative to the root of the commit. */
      readonly paths: readonly string[];
    }
  /** The branch has no commit in common with main, so nothing says what it changes. */
  | { readonly kind: 'unrelated-history' }
  | {
      readonly kind: 'red';
      /** The runs behind it. */
      readonly certificate: RedCertificate;
    }
  | TestsFell
  | {
      readonly kind: 'marker-lost';
      /** Symbols that must be present in the candidate. */
      readonly markers: readonly RegressionMarker[];
    }
  /** The branch changes what the trusted test command runs; only an administrator may allow that. */
  | {
      readonly kind: 'gate-changed';
      /** What the branch changed of it. */
      readonly changes: readonly ChangedDefinition[];
    }
  /** Only with the switch `infraRetry` off: the older behaviour, in which a deadline blames the branch. */
  | {
      readonly kind: 'timed-out';
      /** Why, in one line for a person. */
      readonly reason: string;
      /** The run that passed its deadline. */
      readonly run: CommandRun;
    };

/** Only with `fewerTests: 'block'`: green, but fewer tests decide than on main. */
export type TestsFell =
  | {
      readonly kind: 'tests-fell';
      /** How many tests decided on main. */
      readonly onMain: number;
      /** How many decided with the branch. */
      readonly ran: number;
    }
  /** By the branch's own text, where no count tells: tests it takes out, passes over or expects to fail, in words. */
  | {
      readonly kind: 'tests-fell';
      /** What the branch took out, in words. */
      readonly weakened: string;
    };

/** No change is at fault; asking again is safe. */
export type Deferred =
  | {
      readonly kind: 'busy';
      /** Who holds it, as that caller names itself. */
      readonly holder: string;
      /** When asking again is worth it, in milliseconds from now. */
      readonly retryAfterMs: number;
    }
  | {
      readonly kind: 'infra';
      /** Why, in one line for a person. */
      readonly reason: string;
      /** The command that decided it, as it went into the record. */
      readonly run?: CommandRun;
      /** The fault behind a git call; that of a run is in its ending. */
      readonly trouble?: MachineFault;
    }
  | {
      readonly kind: 'flaky-blocked';
      /** The first whole run with the branch. */
      readonly first: CommandRun;
      /** The second whole run with the branch. */
      readonly second: CommandRun;
    }
  | {
      readonly kind: 'main-broken';
      /** The commit of main that is red. */
      readonly base: string;
      /** The runs behind it. */
      readonly certificate: BrokenMainCertificate;
    }
  | {
      readonly kind: 'base-moved';
      /** Full object name of where it is now, or `gone`. */
      readonly found: string;
    }
  | {
      readonly kind: 'branch-moved';
      /** Full object name of where it is now, or `gone`. */
      readonly found: string;
    };

/** The gate could not decide: its tools or its definition are broken. */
export interface ToolFailed {
  readonly kind: 'tool-failed';
  /** Why, in one line for a person. */
  readonly reason: string;
  /** The command that decided it, as it went into the record. */
  readonly run?: CommandRun;
  /** The fault of the machine behind it, where it could be told. */
  readonly trouble?: MachineFault;
}

/** Why the tree counts as green. */
export type GreenEvidence = (
  | {
      readonly kind: 'first-try';
      /** The run that was green, or judged so. */
      readonly run: CommandRun;
    }
  | {
      readonly kind: 'flaky';
      /** The red run before it. */
      readonly first: CommandRun;
      /** The run that was green, or judged so. */
      readonly run: CommandRun;
    }
  /** A red run whose every failure is named by the policy as one that does not decide; `run` is judged without them. */
  | {
      readonly kind: 'quarantined';
      /** The run that was green, or judged so. */
      readonly run: CommandRun;
      /** Names of tests, as the runner says them. */
      readonly names: readonly string[];
    }
  | { readonly kind: 'remembered' }
  | { readonly kind: 'validated' }
  /** No run: path rules of the trusted definition ask for none. Never remembered. */
  | { readonly kind: 'rule' }
) &
  Digests;

/** What the runs are bound to besides their trees; see digest.ts. */
export interface Digests {
  /** Digest of the trusted definition of green: commands, limits, report and environment. */
  readonly gateDigest: string;
  /** The machine and what commands see of it; equal for every run of a certificate. */
  readonly hostDigest: string;
  /** `hostDigest` with the lockfiles of the tested tree. */
  readonly envDigest: string;
}

/** Failing with the branch and not without it, under one gate definition on one host: the branch is what differs. */
export interface RedCertificate extends BrokenMainCertificate {
  /** Tests that fail with the branch and not without it; empty when the runner names none. */
  readonly failing: readonly string[];
  /** Where those tests stand in the tested commit, by their names, as far as their runner says it. */
  readonly places?: Readonly<Record<string, TestPlace>>;
  /** What the checkout did not have, in words, where main is green without it all the same. */
  readonly surroundings?: string;
}

/** Red with the branch and without it: the branch cannot be judged until main heals. */
export interface BrokenMainCertificate extends Digests {
  /** Full object name of the caught-up commit. */
  readonly tested: string;
  /** Full object name of the commit of main. */
  readonly base: string;
  /** The first whole run with the branch. */
  readonly first: CommandRun;
  /** The second whole run with the branch. */
  readonly second: CommandRun;
  /** The last whole run of main. */
  readonly baseRun: CommandRun;
  /** The command exits 0 with the branch and its runner never counts its tests, which it does on main. */
  readonly lostCount: boolean;
  /** An innocent branch shows these runs with at most this probability, whatever its suite's failure rate; 1: nothing is known. */
  readonly bound: number;
  /** Runs behind it: of the whole suite, and of the failing tests alone. */
  readonly runs: {
    /** Runs of the whole suite. */
    readonly full: number;
    /** Runs of the failing tests alone. */
    readonly single: number;
  };
}
