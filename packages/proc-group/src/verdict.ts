/**
 * What a run can answer. `exited` with code 0 is the only success; a deadline, a stop or a lost process is never
 * dressed up as an exit code, and `level` with `containment.verified` says how sure "nothing is left" really is.
 */

/**
 * How a run's processes are held, strongest first.
 * `kernel`: a cgroup v2 leaf, killed by one write. `namespace`: a PID namespace of its own. `cookie`: an inherited
 * resource limit marks every descendant. `group`: the process group; a `setsid` escapes. `plain`: the direct child.
 */
export type Level = 'kernel' | 'namespace' | 'cookie' | 'group' | 'plain';

/** A process that outlived the command it was started by. */
export interface Leftover {
  /** Its process id when it was found. */
  readonly pid: number;
  /** The kernel's short name of it, at most 15 bytes, chosen by the process itself: untrusted text. */
  readonly comm: string;
}

/** How sure it is that nothing of the run is left. */
export interface Containment {
  /** True only if it was proved that no process of the run is alive; false means "not proved", not "leaked". */
  readonly verified: boolean;
  /** Why `verified` is false, in a line of words; absent when it is true. */
  readonly unproven?: string;
  /** Processes still alive when the command itself had ended; they were killed. At most 64 are listed. */
  readonly leftovers: readonly Leftover[];
  /** Processes of the run known to be alive at the answer; null where this level cannot know. */
  readonly leaked: number | null;
  /** The strongest signal that was needed to end the run. */
  readonly escalated: 'none' | 'term' | 'kill';
  /** True if a guard process would have ended the run had this process been killed. */
  readonly guarded: boolean;
}

/** How each requested limit is applied: to the run as a whole, to each process alone, or not at all on this machine. */
export interface AppliedLimits {
  /** How the limit of processes is applied. */
  readonly maxProcesses?: 'run' | 'none';
  /** How the limit of memory is applied. */
  readonly maxMemoryBytes?: 'run' | 'process' | 'none';
  /** How the limit of processor time is applied. */
  readonly cpuSeconds?: 'process' | 'none';
}

/** What the kernel counted for the whole run. Figures that this machine does not count are missing. */
export interface Usage {
  /**
   * Present where no cgroup counted: every figure is a lower bound, taken from samples of the tree below the command,
   * and the memory is that of its largest process.
   */
  readonly sampled?: true;
  /** Processor time in user mode, in milliseconds. */
  readonly userMs?: number;
  /** Processor time in the kernel, in milliseconds. */
  readonly systemMs?: number;
  /** Most memory at one time, in bytes. */
  readonly peakMemoryBytes?: number;
  /** Most processes at one time. */
  readonly peakProcesses?: number;
}

/** How long the parts of a run took, in milliseconds. */
export interface Timings {
  /** Until the operating system had started the command. */
  readonly spawnMs: number;
  /** From the start until the command itself had ended. */
  readonly runMs: number;
  /** From the first SIGKILL until the run was proved empty; absent if none was sent. */
  readonly killToQuietMs?: number;
  /** From the request to the answer. */
  readonly totalMs: number;
}

/** The first and the last bytes of one stream. `head` and `tail` never overlap. */
export interface OutputCapture {
  /** The first bytes. */
  readonly head: Uint8Array;
  /** The last bytes behind `head`. */
  readonly tail: Uint8Array;
  /** Every byte the command wrote and we read, kept or not. */
  readonly totalBytes: number;
  /** Bytes between `head` and `tail` that were not kept. */
  readonly droppedBytes: number;
}

interface RunObservation {
  /** The containment that was used. */
  readonly level: Level;
  /** How sure it is that nothing is left. */
  readonly containment: Containment;
  /** How long it took. */
  readonly timings: Timings;
  /** What was kept of standard output. */
  readonly stdout: OutputCapture;
  /** What was kept of standard error. */
  readonly stderr: OutputCapture;
  /** The log file, where one was asked for. */
  readonly logPath?: string;
  /** True if the command ran under an identity that may read the environment of this very process. */
  readonly secretsReadable: boolean;
  /** Names exactly the limits that were asked for. */
  readonly limits: AppliedLimits;
  /** Missing without /proc, at level `plain`, and for a run that was over before the first sample. */
  readonly usage?: Usage;
  /** What the operating system said about the command, whatever `kind` says. */
  readonly raw?: {
    /** Exit code; null when a signal ended the command. */
    readonly code: number | null;
    /** Name of the signal; null when the command exited. */
    readonly signal: string | null;
  };
}

/** How the run ended. `timeout`, `cancelled` and `output-limit` win over the exit status, which `raw` keeps. */
export type RunEnd =
  | {
      readonly kind: 'exited';
      /** Exit code of the command. */
      readonly code: number;
    }
  /** `inferred`: a process in between reported 128+n or was killed, so the command may also have exited with that code. */
  | {
      readonly kind: 'signaled';
      /** Name of the signal, for example `SIGSEGV`. */
      readonly signal: string;
      /** Present where the signal is only concluded from the exit code. */
      readonly inferred?: true;
    }
  /** The command is over, and nobody can say how: it is no success, and nobody's fault. */
  | {
      readonly kind: 'unknown';
      /** Why nobody can tell, in one line. */
      readonly reason: string;
    }
  | { readonly kind: 'timeout' }
  | {
      readonly kind: 'cancelled';
      /** The reason of the caller's signal, in words. */
      readonly reason: string;
    }
  | { readonly kind: 'output-limit' }
  /** The command was never started: missing, not executable, no such directory, no memory. */
  | {
      readonly kind: 'spawn-failed';
      /** Error code as from execve(2), for example `ENOENT`. */
      readonly errno: string;
      /** What could not be started, in one line. */
      readonly message: string;
    }
  /** Nothing was tried: the request is malformed, or the machine cannot give the level it requires. */
  | {
      readonly kind: 'refused';
      /** What is wrong with the request, or what this machine lacks, in one line. */
      readonly reason: string;
    };

/** How one run ended and what was seen of it. `kind` says how; README has who acts on which. */
export type GroupRun = RunObservation & RunEnd;
