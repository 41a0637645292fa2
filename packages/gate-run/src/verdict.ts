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
  readonly details?: readonly { readonly name: string; readonly detail: string }[];
}

/** One command that was run, as it goes into the record. Every command of every gate, agent and deployment leaves one. */
export interface CommandRun {
  /** What it was run for: `setup`, `branch`, `coverage`, `deploy`, a role, … */
  readonly purpose: string;
  readonly commit: string;
  /** Of the commit; null where the caller stands in a checkout of its own. */
  readonly tree: string | null;
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: RunOutcome;
  /** The row of {@link ENDINGS} it fell into; absent when the run could not be supervised. */
  readonly ending?: RunEnding;
  readonly reason: string;
  readonly exitCode?: number;
  readonly tests?: RecordedTests;
  /** Containment level the command ran under. */
  readonly level: string;
  /** Processes the command left behind, found and ended. */
  readonly leftovers: number;
  /** It was proven that no process of the command is left. */
  readonly verified: boolean;
  /** Why not, in a line of words. */
  readonly unproven?: string;
  readonly logPath?: string;
  /** The end of the output, bounded; what a developer would scroll to. */
  readonly excerpt?: string;
  readonly usage?: Usage;
}

/** The command was run, well or badly. */
export interface Ran {
  readonly kind: 'ran';
  readonly run: CommandRun;
  /** How the process group ended, with both streams, unmasked. */
  readonly ended: GroupRun;
  /** Both streams as text, unmasked. */
  readonly output: string;
  readonly tree: string | null;
  /** What the operator should hear: a shortened deadline, a run that could not be recorded. */
  readonly warnings: readonly string[];
}

/** The setup did not end green, so that the command was not tried. `ended` is a crash when it could not be supervised. */
export interface SetupFailed {
  readonly kind: 'setup-failed';
  readonly run: CommandRun;
  readonly ended: GroupRun | Crashed;
}

/** A bug of ours, or of a listener, while the command ran; it was ended all the same, but nothing is proven. */
export interface Unsupervised {
  readonly kind: 'unsupervised';
  readonly run: CommandRun;
  readonly crash: Crashed;
}

/** Nothing was run, and asking again changes nothing: the request, its deadline, or its preparation. */
export interface RunRefused {
  readonly kind: 'refused';
  readonly reason: string;
  /** Where the preparation refused: the command that was to be run. */
  readonly run?: CommandRun;
}

/** Nothing was run: the commit could not be laid out. */
export interface CheckoutFailed {
  readonly kind: 'checkout-failed';
  readonly outcome: 'infra' | 'tool-failed';
  readonly reason: string;
  readonly trouble?: MachineFault;
  readonly failure: GitFailed | Crashed;
}

/** Nothing more was run: the place for logs is full, denied or gone. */
export interface NoLogs {
  readonly kind: 'no-logs';
  readonly reason: string;
}

export type CommitRun = Ran | SetupFailed | Unsupervised | RunRefused | CheckoutFailed | NoLogs | Crashed;
