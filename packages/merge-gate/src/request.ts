/** What is asked of the merge gate. The policy comes from a trusted source (operator, base commit), never from the branch. */
import type { CommandRun, RunLimits } from '@gatehouse/gate-run';
import type { GitRepo } from '@gatehouse/git';
import type { PathRule } from './path-rules/decide.ts';

/** A report the test command writes, in place of counting its output. */
export interface TestReport {
  /** How the report is written. */
  readonly format: 'junit' | 'tap' | 'jest-json' | 'ctrf';
  /**
   * Relative to the slot's root: a file, or a directory all of whose `.xml`, `.tap` or `.json` files are read. Removed
   * before the command runs; a green run that did not write it again proves nothing.
   */
  readonly path: string;
}

/** A known flaky test, for which a named person answers until a day. */
export interface QuarantinedTest {
  /** As the runner says it, or as the memory of tests shortens it; see `testIdentity`. */
  readonly name: string;
  /** Who answers for it. */
  readonly owner: string;
  /** Why it may fail, in that person's words. */
  readonly reason: string;
  /** `YYYY-MM-DD`, to the end of that day in UTC; afterwards the test decides again. */
  readonly expires: string;
}

/** The trusted definition of "green" for one repository. Durations in milliseconds. */
export interface TestPolicy {
  /** Run before the tests in the slot's root by `sh -c`, for example `npm ci`. */
  readonly setup?: string;
  /** Run in the slot's root by `sh -c`. Green means: it exits 0 by itself, and ran at least `minTests` tests of which none failed. */
  readonly command: string;
  /** Deadline of one run of the command. */
  readonly timeoutMs: number;
  /** Default: `timeoutMs`. */
  readonly setupTimeoutMs?: number;
  /** Between TERM and KILL when a deadline passes. Default 2000. */
  readonly graceMs?: number;
  /** Fewer counted tests than this is never green. A count that cannot be read passes with a warning. */
  readonly minTests: number;
  /** Counts and failing names come from here instead of the output. */
  readonly testReport?: TestReport;
  /**
   * Red, then green on the same tree: land it with a warning (`pass`), or hold it back without blame (`block`). `quarantine`
   * is `pass`, and what `quarantine` names does not decide.
   */
  readonly flaky: 'pass' | 'block' | 'quarantine';
  /** Fewer tests than main ran, by the memory of tests: told (the default), or refused. */
  readonly fewerTests?: 'warn' | 'block';
  /** Tests that run and are shown, but do not decide, while `flaky` is `quarantine`. At most 20. */
  readonly quarantine?: readonly QuarantinedTest[];
  /** A change of what decides how tests run without being the command: told (the default), or `gate-changed` as well. */
  readonly gateFiles?: 'warn' | 'block';
  /**
   * Before the setup the submodules of the tested tree are fetched, from the addresses that base's `.gitmodules` names and without any
   * credential. Absent: they are empty directories, and named where a suite fails without them.
   */
  readonly submodules?: 'fetch';
  /** Names of environment variables the commands may see. */
  readonly env: readonly string[];
  /** Variables the commands are given, by name. */
  readonly setEnv?: Readonly<Record<string, string>>;
  /**
   * Directories that outlive a run: `~/.npm` below HOME, `node_modules` below the slot. Each run has a copy of what a green run of
   * a landed commit left; what a branch leaves is shown to no other run before it has landed.
   */
  readonly cache?: readonly string[];
}

/** Each switch is independent; off is the older behaviour, kept so that an operator can fall back at night. */
export interface MergeSwitches {
  /** Off: plain spawn, the deadline reaches only the shell. */
  readonly treeKill: boolean;
  /** Off: a timeout is a fail, with no certificate asked for. */
  readonly infraRetry: boolean;
  /** Off: a validated branch that is already on top of main is tested again. */
  readonly skipWhenCurrent: boolean;
}

/** A symbol that once was lost on main and must be present in every candidate. */
export interface RegressionMarker {
  /** Where the loss is on record. */
  readonly ticket: string;
  /** Plain text searched for as a whole word. */
  readonly symbol: string;
  /** The file that must hold it, relative to the root of the commit. */
  readonly file: string;
}

/** Where base and head live, so that the gate can see them move. Without it the caller vouches for both. */
export interface WatchedRefs {
  /** Full ref names in the mirror. */
  readonly base: string;
  /** Full ref name of the branch in the mirror. */
  readonly head: string;
  /** Fetched from before the refs are read; without it the mirror is taken as it is. */
  readonly url?: string;
}

/** What may be given to `checkBranchMergeable`. Durations are in milliseconds. */
export interface MergeRequest extends Omit<RunLimits, 'treeKill'> {
  /** Name the lease is taken under; one name per repository whose main moves. */
  readonly repo: string;
  /** The name the lease is taken under; one per attempt. */
  readonly holder: string;
  /** The mirror that holds the commits. */
  readonly git: GitRepo;
  /** Full object names. */
  readonly base: string;
  /** Full object name of the branch's own commit. */
  readonly head: string;
  /** A directory that belongs to this check alone while it runs. */
  readonly slotDir: string;
  /** The trusted definition of green; from the operator or from base. */
  readonly policy: TestPolicy;
  /**
   * Whole runs of the suite, of branch and base together, that may be spent before a branch is blamed. Default 10, which is
   * also the least: fewer cannot tell a guilty branch from an unsteady suite.
   */
  readonly certificateRuns?: number;
  /** What is run for a change of some paths alone, at most 50. Default: the whole command for every change. */
  readonly rules?: readonly PathRule[];
  /** Default `rebase`. A branch that contains merges is always merged into, never flattened. */
  readonly catchUp?: 'rebase' | 'merge';
  /** Who made the new commits; authors are kept. */
  readonly committer?: {
    /** Name of the committer. */
    readonly name: string;
    /** Address of the committer. */
    readonly email: string;
  };
  /** Move the task branch to the caught-up commit once it is green. Never main. */
  readonly push?: {
    /** The remote of the branch. */
    readonly url: string;
    /** Short name of the branch; never main. */
    readonly branch: string;
  } | null;
  /** The caller has recorded passes of ci, tests and staging for this very tree. */
  readonly validated?: boolean;
  /** Symbols that must be present in the candidate. */
  readonly markers?: readonly RegressionMarker[];
  /** An administrator allowed this branch to change what the test command runs; said as a warning, and not refused. */
  readonly allowGateChange?: boolean;
  /** Where base and head live, so that the gate sees them move. */
  readonly watch?: WatchedRefs;
  /** One log file per command is written here. */
  readonly logDir?: string;
  /** Older behaviours and single parts that can be switched off. */
  readonly switches?: Partial<MergeSwitches>;
  /** Deadline of each single git call. Default: that of the kind of call, from one to five minutes. */
  readonly gitTimeoutMs?: number;
  /** Called with each command when it has ended. */
  readonly onRun?: (run: CommandRun) => void | Promise<void>;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}
