/**
 * What holds the processes of one run. Each level implements this once; the stop sequence in `stop.ts` knows no level.
 */
import type { Leftover, Level } from '../verdict.ts';

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  /** What the last shell before the command does instead of `exec "$@"`. */
  readonly tail?: string;
}

/** What one scan, or a series of them, found. */
export interface Scan {
  /** Processes of the run that are alive, at most 64, the leader included while it was not reaped. */
  readonly living: readonly Leftover[];
  /** True if `living` only stands for "a number still answers", which a zombie does too. */
  readonly unsure?: true;
  /** True only if no process of the run can be alive. */
  readonly empty: boolean;
  /** Why not, where nothing is seen that lives. */
  readonly unproven?: string;
  /** What is seen cannot become a proof by another scan. */
  readonly isFinal?: true;
}

export interface ContainmentMechanism {
  readonly level: Level;
  /** Whether the command leads a process group of its own. */
  readonly detached: boolean;
  /** The command line that starts `line` inside. */
  readonly wrap: (line: CommandLine) => CommandLine;
  /** Reports the pid of the leader; called once, before anything below. */
  readonly started: (pid: number) => void;
  /** Reports that the leader was reaped: from now on its pid may belong to a foreign process. */
  readonly leaderGone: () => void;
  /** True while a process of the run is known to live, found by a call or two; false says nothing, only `scan` does. */
  readonly isBusy: () => boolean;
  /** One scan, as cheap as the level allows. */
  readonly scan: () => Scan;
  /** A proof that is awaited from another process, which also goes on killing once it was asked to; else null. */
  readonly awaited: () => Promise<void> | null;
  /** False while `terminate` would pass the command by, as long as what opens its world has not started it. */
  readonly isReachable: () => boolean;
  /** Asks every member to end and wakes the stopped ones, so that they can. */
  readonly terminate: () => void;
  /** Kills every member found now. */
  readonly kill: () => void;
  /** Frees what the level holds outside this process. */
  readonly close: () => Promise<void>;
}
