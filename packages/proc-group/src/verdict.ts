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
  readonly pid: number;
  /** The kernel's short name of it, at most 15 bytes, chosen by the process itself: untrusted text. */
  readonly comm: string;
}

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
  readonly maxProcesses?: 'run' | 'none';
  readonly maxMemoryBytes?: 'run' | 'process' | 'none';
  readonly cpuSeconds?: 'process' | 'none';
}

/** What the kernel counted for the whole run. Figures that this machine does not count are missing. */
export interface Usage {
  /**
   * Present where no cgroup counted: every figure is a lower bound, taken from samples of the tree below the command,
   * and the memory is that of its largest process.
   */
  readonly sampled?: true;
  readonly userMs?: number;
  readonly systemMs?: number;
  readonly peakMemoryBytes?: number;
  readonly peakProcesses?: number;
}

export interface Timings {
  /** Until the operating system had started the command. */
  readonly spawnMs: number;
  /** From the start until the command itself had ended. */
  readonly runMs: number;
  /** From the first SIGKILL until the run was proved empty; absent if none was sent. */
  readonly killToQuietMs?: number;
  readonly totalMs: number;
}

/** The first and the last bytes of one stream. `head` and `tail` never overlap. */
export interface OutputCapture {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** Every byte the command wrote and we read, kept or not. */
  readonly totalBytes: number;
  /** Bytes between `head` and `tail` that were not kept. */
  readonly droppedBytes: number;
}

interface RunObservation {
  readonly level: Level;
  readonly containment: Containment;
  readonly timings: Timings;
  readonly stdout: OutputCapture;
  readonly stderr: OutputCapture;
  readonly logPath?: string;
  /** True if the command ran under an identity that may read the environment of this very process. */
  readonly secretsReadable: boolean;
  /** Names exactly the limits that were asked for. */
  readonly limits: AppliedLimits;
  /** Missing without /proc, at level `plain`, and for a run that was over before the first sample. */
  readonly usage?: Usage;
  /** What the operating system said about the command, whatever `kind` says. */
  readonly raw?: { readonly code: number | null; readonly signal: string | null };
}

/** How the run ended. `timeout`, `cancelled` and `output-limit` win over the exit status, which `raw` keeps. */
export type RunEnd =
  | { readonly kind: 'exited'; readonly code: number }
  /** `inferred`: a process in between reported 128+n or was killed, so the command may also have exited with that code. */
  | { readonly kind: 'signaled'; readonly signal: string; readonly inferred?: true }
  /** The command is over, and nobody can say how: it is no success, and nobody's fault. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'output-limit' }
  /** The command was never started: missing, not executable, no such directory, no memory. */
  | { readonly kind: 'spawn-failed'; readonly errno: string; readonly message: string }
  /** Nothing was tried: the request is malformed, or the machine cannot give the level it requires. */
  | { readonly kind: 'refused'; readonly reason: string };

export type GroupRun = RunObservation & RunEnd;
