/** What a certificate has seen so far. Plain JSON: it can be stored and continued. Tallies only, no outputs. */
import type { ParsedOptions } from './options.ts';

export type Side = 'branch' | 'base';

/** The whole suite, or these tests alone in one command. */
export type Scope = 'full' | { readonly tests: readonly string[] };

/** One run that ended by itself. A run that the machine ended is no observation: make it again. */
export interface Observation {
  readonly side: Side;
  readonly scope: Scope;
  readonly outcome: 'red' | 'green';
  /** Names of the failing tests; null when the runner names none. A test that this side does not have has not failed. */
  readonly failed: readonly string[] | null;
  /** Nothing was run: the answer is an earlier run's. Taken only where the step is not `fresh`. */
  readonly remembered?: boolean;
}

export type Conclusion =
  /** The first run was green. */
  | 'green'
  /** A full run of the branch was green after a red one. */
  | 'flaky'
  /** The branch is to blame for `failing`. */
  | 'guilty'
  /** Every suspect fails without the branch too, each time. */
  | 'main-broken'
  /** Two red runs of the branch have no failing test in common. */
  | 'unsteady'
  /** What was seen does not suffice, and what may still be spent cannot change that. */
  | 'unproven';

export interface Concluded {
  readonly kind: 'concluded';
  readonly conclusion: Conclusion;
  /** `guilty`: what the branch broke. `main-broken`: what main fails. Else: what failed each time with the branch and is not explained by base. */
  readonly failing: readonly string[];
  /** Failed in some run of the base. */
  readonly baseFailing: readonly string[];
  /**
   * `guilty`: an innocent branch is blamed by now with at most this probability, whatever the failure rates. Else: what the tallies reached, 1 for nothing.
   */
  readonly bound: number;
  readonly runs: RunsSpent;
}

export interface RunsSpent {
  readonly full: number;
  readonly single: number;
}

/** One test in the runs of the suspects alone. */
export interface Suspect {
  readonly name: string;
  readonly status: 'open' | 'guilty' | 'base-red' | 'cleared';
  /** Whether it failed in the first full run of the base; null before that. */
  readonly failedInBase: boolean | null;
  readonly pairs: number;
  /** Runs that speak for it: it passed with the branch, or failed with the base. */
  readonly contrary: number;
  /** It failed with the branch in some pair. */
  readonly branchFailed: boolean;
  /** It passed with the base in some pair. */
  readonly basePassed: boolean;
}

/** Half a pair: the first side has run, the other has not. */
export interface OpenPair {
  readonly side: Side;
  readonly failed: readonly string[];
}

/** One predicate over full runs: a test fails in them, or (`name` null) they are red. */
export interface FullTally {
  readonly name: string | null;
  readonly branchReds: number;
  readonly baseReds: number;
}

/** The full runs that count as evidence. */
export interface FullEvidence {
  /** `suite`: the run is red; every run counts. `named`: a test fails; runs after the selection count. */
  readonly track: 'suite' | 'named';
  readonly branchRuns: number;
  readonly baseRuns: number;
  readonly tallies: readonly FullTally[];
}

/** What the full runs of the base showed, remembered ones included. */
export interface BaseSeen {
  readonly runs: number;
  readonly reds: number;
  /** Failing in every run of the base so far; null when a red run named none. */
  readonly always: readonly string[] | null;
  readonly ever: readonly string[];
}

export interface FullPhase {
  readonly kind: 'full';
  /** `look`: nothing can be proven any more, one full run of the branch may still show that it is flaky. */
  readonly mode: 'direct' | 'after-singles' | 'look';
  /** The branch was run since the phase began. */
  readonly looked: boolean;
}

export type Phase =
  | { readonly kind: 'select'; readonly first: Observation | null }
  /** Suspects are known and can be run alone; the base has not been run. */
  | { readonly kind: 'base' }
  | { readonly kind: 'singles'; readonly half: OpenPair | null }
  | FullPhase
  | Concluded;

export interface CertificateState {
  readonly version: 1;
  readonly options: ParsedOptions;
  readonly phase: Phase;
  readonly runs: RunsSpent;
  /** Full runs of earlier asks. */
  readonly spentBefore: number;
  /** Observations that answered no step. */
  readonly ignored: number;
  /** Failed in every full run of the branch so far; null when a red run names none. */
  readonly common: readonly string[] | null;
  readonly suspects: readonly Suspect[];
  readonly full: FullEvidence;
  readonly base: BaseSeen;
}
