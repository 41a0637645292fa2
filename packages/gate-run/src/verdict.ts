/**
 * What a run of a command on a commit can answer; read this file first. Only `ran` means that the command itself was
 * tried; whether it is good news stands in `run.outcome`, and only `green` is.
 */
import type { GitFailed } from '@gatehouse/git';
import type { GroupRun, Usage } from '@gatehouse/proc-group';
import type { Crashed, MachineFault } from '@gatehouse/verdict';
import type { RunEnding, RunOutcome } from './endings.ts';

/** What a command reported about its tests. */
export interface RecordedTests {
  /** Tests that really ran; absent when the output could not be counted. A skipped test did not run. */
  readonly total?: number;
  /** The runner whose words were read, for example `pytest`; several are joined by `+`. */
  readonly runner?: string;
  /** Names, when the runner prints them; bounded. */
  readonly failed?: readonly string[];
  /** How many failed, named or not. Absent: none that the runner counts. */
  readonly failures?: number;
  /** Why the first few of them failed, in the runner's own words; bounded. Only for a run that names failures. */
  readonly details?: readonly {
    /** The test, as its runner names it. */
    readonly name: string;
    /** What the runner said of it, bounded. */
    readonly detail: string;
  }[];
}

/** One command that was run, as it goes into the record. Every command of every gate, agent and deployment leaves one. */
export interface CommandRun {
  /** What it was run for: `setup`, `branch`, `coverage`, `deploy`, a role, … */
  readonly purpose: string;
  /** Full object name of the commit it was run on. */
  readonly commit: string;
  /** Of the commit; null where the caller stands in a checkout of its own. */
  readonly tree: string | null;
  /** The shell line, or what was shown in place of the program. */
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** From asking for it to its end, in milliseconds. */
  readonly durationMs: number;
  /** What the end means for a change. */
  readonly outcome: RunOutcome;
  /** The row of {@link ENDINGS} it fell into; absent when the run could not be supervised. */
  readonly ending?: RunEnding;
  /** The end in one line, masked. */
  readonly reason: string;
  /** Its exit code, where it exited by itself. */
  readonly exitCode?: number;
  /** What it reported about its tests, where the caller's `judge` read that. */
  readonly tests?: RecordedTests;
  /** Containment level the command ran under. */
  readonly level: string;
  /** Processes the command left behind, found and ended. */
  readonly leftovers: number;
  /** It was proven that no process of the command is left. */
  readonly verified: boolean;
  /** Why not, in a line of words. */
  readonly unproven?: string;
  /** Its log file, where one was asked for. */
  readonly logPath?: string;
  /** The end of the output, bounded; what a developer would scroll to. */
  readonly excerpt?: string;
  /** Processor time and memory, where the machine counts them. */
  readonly usage?: Usage;
}

/** The command was run, well or badly. */
export interface Ran {
  readonly kind: 'ran';
  /** The command as it went into the record. */
  readonly run: CommandRun;
  /** How the process group ended, with both streams, unmasked. */
  readonly ended: GroupRun;
  /** Both streams as text, unmasked. */
  readonly output: string;
  /** Tree object name of the commit; null where the caller did not say it of its own checkout. */
  readonly tree: string | null;
  /** What the operator should hear: a shortened deadline, a run that could not be recorded. */
  readonly warnings: readonly string[];
}

/** The setup did not end green, so that the command was not tried. `ended` is a crash when it could not be supervised. */
export interface SetupFailed {
  readonly kind: 'setup-failed';
  /** The setup as it went into the record. */
  readonly run: CommandRun;
  /** How its process group ended; a crash when it could not be supervised. */
  readonly ended: GroupRun | Crashed;
}

/** A bug of ours, or of a listener, while the command ran; it was ended all the same, but nothing is proven. */
export interface Unsupervised {
  readonly kind: 'unsupervised';
  /** The command as it went into the record. */
  readonly run: CommandRun;
  /** The bug, as a value. */
  readonly crash: Crashed;
}

/** Nothing was run, and asking again changes nothing: the request, its deadline, or its preparation. */
export interface RunRefused {
  readonly kind: 'refused';
  /** What is wrong with the request, its deadline or its preparation. */
  readonly reason: string;
  /** Where the preparation refused: the command that was to be run. */
  readonly run?: CommandRun;
}

/** Nothing was run: the commit could not be laid out. */
export interface CheckoutFailed {
  readonly kind: 'checkout-failed';
  /** `infra`: asking again may help. `tool-failed`: it will not. */
  readonly outcome: 'infra' | 'tool-failed';
  /** Why, in one line for a person. */
  readonly reason: string;
  /** The fault of the machine behind it, where it could be told. */
  readonly trouble?: MachineFault;
  /** What the git call answered. */
  readonly failure: GitFailed | Crashed;
}

/** Nothing more was run: the place for logs is full, denied or gone. */
export interface NoLogs {
  readonly kind: 'no-logs';
  /** What the file system said. */
  readonly reason: string;
}

/** What `runOnCommit` can answer. Only `ran` with the outcome `green` speaks for a change. */
export type CommitRun = Ran | SetupFailed | Unsupervised | RunRefused | CheckoutFailed | NoLogs | Crashed;
