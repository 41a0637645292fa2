/** What is asked of a run. The command comes from a trusted source (operator, base commit), never from the branch. */
import type { GitRepo } from '@gatehouse/git';
import type { GroupRun } from '@gatehouse/proc-group';
import type { RunCache } from './cache.ts';
import type { EndClass } from './classify-end.ts';
import type { Isolation, VisiblePaths } from './isolation.ts';
import type { CommandRun } from './verdict.ts';

/** What the machine's operator says about every command. */
export interface RunLimits {
  /** Default true; off is a plain spawn, whose deadline reaches only the command itself. */
  readonly treeKill?: boolean | undefined;
  /** A run of this many milliseconds is taken for dead. Absent: no reaper runs. */
  readonly reaperLimitMs?: number | undefined;
  /** Default true; off takes durations as they are, whatever the reaper does. */
  readonly validateDeadline?: boolean | undefined;
  /** Applied to every text of a record that may quote output, before it is cut; the `mask` of a run wins. */
  readonly mask?: ((text: string) => string | Promise<string>) | undefined;
  /** What separates every command from this process. Absent: nothing does. Holds whatever `treeKill` says. */
  readonly isolation?: Isolation | undefined;
}

/** The commit is laid out in `dir` first, cleaned of everything an earlier run left. */
export interface FreshSlot {
  readonly kind: 'check-out';
  /** The mirror that holds the commit. */
  readonly git: GitRepo;
  /** Absolute path of a directory that belongs to this run alone. */
  readonly dir: string;
  /** Untracked paths that survive the cleaning; see `checkoutSlot`. */
  readonly keep?: readonly string[] | undefined;
  /** Deadline of each single git call. */
  readonly gitTimeoutMs?: number | undefined;
}

/** The commit stands in `dir` already, and was not used since, or is the caller's own business. */
export interface StandingSlot {
  readonly kind: 'stands';
  /** Absolute path of the checkout. */
  readonly dir: string;
  /** Tree object name of what stands there; null where the caller does not say. */
  readonly tree: string | null;
}

/** A shell line, run by `sh -c`, or a program with its arguments; `shown` stands for it in the record. */
export type Command =
  | string
  | {
      /** The program; looked up in the PATH of the run. */
      readonly program: string;
      /** Its arguments, passed as they are. */
      readonly args: readonly string[];
      /** What the record says in its place. */
      readonly shown: string;
    };

/** A command that has ended, before it is recorded. */
export interface EndedCommand {
  /** Which of the two it was. */
  readonly step: 'setup' | 'command';
  /** How the process group ended. */
  readonly ended: GroupRun;
  /** Both streams as text, unmasked. */
  readonly output: string;
  /** The deadline it had. */
  readonly timeoutMs: number;
  /** What the end means for every command alike. */
  readonly end: EndClass;
}

/** What the caller knows better than the table: its own words, its tests, a green that proves nothing. */
export type Judgement = Partial<Pick<CommandRun, 'ending' | 'outcome' | 'reason' | 'tests'>>;

/** One command and the commit it is run on. Durations are in milliseconds. */
export interface RunRequest {
  /** What it is run for, as the record names it: `branch`, `coverage`, `deploy`, … */
  readonly purpose: string;
  /** Full object name. */
  readonly commit: string;
  /** Where the commit is laid out. */
  readonly slot: FreshSlot | StandingSlot;
  /** What is run there. */
  readonly command: Command;
  /** A shell line that is run before the command, for example an installation. */
  readonly setup?: string | undefined;
  /** Deadline of the command; shortened where it would outlast the reaper. */
  readonly timeoutMs: number;
  /** Default: `timeoutMs`. */
  readonly setupTimeoutMs?: number | undefined;
  /** Between TERM and KILL. Default 2000. */
  readonly graceMs?: number | undefined;
  /** The reaper's limit and the kill-switch. */
  readonly limits?: RunLimits | undefined;
  /**
   * Names of variables the commands may see, and variables they are given. PATH and LANG are always there, and a HOME and
   * a TMPDIR that setup and command share and no other run sees, and the places of HOME where programs are installed, last on
   * PATH; `set` wins over those.
   */
  readonly env?:
    | {
        /** Names of variables that are inherited. */
        readonly allow?: readonly string[];
        /** Variables by name, as they are given. */
        readonly set?: Readonly<Record<string, string>>;
      }
    | undefined;
  /** What the commands see besides the checkout where they are in a world of their own. */
  readonly visible?: VisiblePaths | undefined;
  /** Directories below HOME or the checkout that outlive the run. */
  readonly cache?: RunCache | undefined;
  /** Both streams go to `<dir>/<name>.log`, those of the setup to `<dir>/<name>.setup.log`. */
  readonly log?:
    | {
        /** The directory; made where it is not there. */
        readonly dir: string;
        /** File name without its ending. */
        readonly name: string;
      }
    | undefined;
  /** Kept of each stream at its beginning and at its end. Default 1 MiB each. */
  readonly keptBytes?: number | undefined;
  /** Asked right before the command, after the setup; a text says why the command is refused. */
  readonly prepare?: (() => Promise<string | null>) | undefined;
  /** Asked as each command ends. */
  readonly judge?: ((command: EndedCommand) => Judgement | Promise<Judgement>) | undefined;
  /** Applied to every text of the record that may quote output. */
  readonly mask?: ((text: string) => string | Promise<string>) | undefined;
  /** Called with each command as it ends, setup included. */
  readonly onRun?: ((run: CommandRun) => void | Promise<void>) | undefined;
  /** Ends whatever is running. */
  readonly signal?: AbortSignal | undefined;
}
