/**
 * What a caller asks for, read once. A malformed request is answered as `refused`; later files trust what is here.
 */
import { types } from 'node:util';
import type { Level } from './verdict.ts';

/** What is kept of the output, and where else it goes. */
export interface OutputSpec {
  /** First bytes kept per stream [262144]. */
  readonly headBytes?: number;
  /** Last bytes kept per stream [262144]. */
  readonly tailBytes?: number;
  /** Limit for both streams together [none]. */
  readonly maxTotalBytes?: number;
  /** Over `maxTotalBytes`: forget what follows (`drop`, the default) or stop the run (`kill`). */
  readonly onLimit?: 'drop' | 'kill';
  /** Both streams as they arrive are also appended to this file. */
  readonly logFile?: string;
  /** The log file ends here [67108864]. */
  readonly logMaxBytes?: number;
  /**
   * Called with every chunk in order. If it throws, the run is stopped and the answer is `crashed`. As long as a promise it gave is
   * pending nothing more of that stream is read, so that a slow taker slows the command.
   */
  readonly onChunk?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void | Promise<void>;
}

/** Of a command that runs; after its end nothing happens any more. */
export interface RunControl {
  /** Passes a signal on to the command and its process group. How the run ends is still the command's own answer. */
  readonly send: (signal: NodeJS.Signals) => void;
  /** Ends the run with SIGKILL, also where a grace is under way; `cancelled` unless it was asked to stop before. */
  readonly end: (reason: string) => void;
}

/** One command and how it is to be run. Durations are in milliseconds, sizes in bytes. */
export interface RunSpec {
  /** An executable, resolved in the child's PATH; never a shell line. */
  readonly command: string;
  /** Bytes where they are no UTF-8. */
  readonly args?: readonly (string | Uint8Array)[];
  /** Its working directory; without it ours. */
  readonly cwd?: string;
  /**
   * `allow` names variables to inherit; names that resemble secrets are denied all the same. `set` is passed as given.
   * `morePath` are directories behind those of the inherited PATH; a PATH in `set` is the whole one. `inherit` gives the command our
   * own environment as this process was given it, byte for byte, HOME included.
   */
  readonly env?:
    | 'inherit'
    | {
        /** Names of variables to inherit. */
        readonly allow?: readonly string[];
        /** Variables by name, passed as they are given. */
        readonly set?: Readonly<Record<string, string>>;
        /** Directories behind those of the inherited PATH. */
        readonly morePath?: readonly string[];
      };
  /** From the request until the run is asked to stop. */
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL [2000]. */
  readonly graceMs?: number;
  /** The same for processes that outlive the command [0: killed at once]. */
  readonly leftoverGraceMs?: number;
  /** How long a pipe that another process holds open may delay the answer [250]. */
  readonly drainMs?: number;
  /** Ends the run by the stop sequence; the answer is then `cancelled` with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Bytes are written to the command's standard input, which is then closed. `inherit` gives it our own (a pipe or a
   * file: the command leads a session without a terminal). Without it stdin is empty.
   */
  readonly stdin?: Uint8Array | 'inherit';
  /** Descriptors of ours above 2 that the command gets under the same numbers. */
  readonly descriptors?: readonly number[];
  /**
   * `ours` (for a command on our terminal): it stays in our session and process group, where /dev/tty is open to it. Without it a
   * command leads a session of its own.
   */
  readonly session?: 'ours' | 'own';
  /** SIGHUP stays ignored for the command, as under nohup(1). */
  readonly ignoreHangup?: boolean;
  /** Called once the command runs, with what can be done to it meanwhile. */
  readonly onStart?: (control: RunControl) => void;
  /** What is kept of the output; without it the first and the last 256 KiB of each stream. */
  readonly output?: OutputSpec;
  /** The identity the command runs under; only root may give one. Supplementary groups are dropped. */
  readonly runAs?: {
    /** User id. */
    readonly uid: number;
    /** Group id. */
    readonly gid: number;
  };
  /**
   * A program of ours that nobody sends a real-time signal to: its success is taken from Node, which would call such a death
   * success, and the shell that tells the difference is saved.
   */
  readonly trusted?: boolean;
  /** Applied where the level can; see README. */
  readonly limits?: {
    /** Processes and threads of the run at one time. */
    readonly maxProcesses?: number;
    /** Memory in bytes: of the run, or of each process where only that can be held. */
    readonly maxMemoryBytes?: number;
    /** Processor time of each process, in seconds. */
    readonly cpuSeconds?: number;
  };
  /**
   * `best` (default): the strongest level this machine has without isolation. `cookie`: the same without cgroups.
   * `namespace`: a PID namespace of its own, for commands that must not see other processes. `group`: only a process
   * group, for short trusted plumbing. `plain`: a bare spawn, the kill-switch.
   */
  readonly containment?: 'best' | 'cookie' | 'namespace' | 'group' | 'plain';
  /**
   * The absolute command line of bubblewrap that gives the command a world of its own, a PID namespace (`--unshare-pid`) among it, up to
   * the command. It is held as every other, at level `kernel` or `namespace`; a signal of the command is only inferred. Where it ends with
   * `setsid`, the command leads a session there; else a signal that it sends to its group hits bubblewrap.
   */
  readonly inside?: readonly string[];
  /** Refuse to run below this level. */
  readonly require?: Level;
}

/** A request with every default filled in. */
export interface Request {
  readonly command: string;
  readonly args: readonly (string | Uint8Array)[];
  readonly cwd: string;
  readonly inheritsAll: boolean;
  readonly allow: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly morePath: readonly string[];
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly leftoverGraceMs: number;
  readonly drainMs: number;
  readonly signal: AbortSignal | null;
  readonly stdin: Uint8Array | 'inherit' | null;
  readonly headBytes: number;
  readonly tailBytes: number;
  readonly maxTotalBytes: number;
  readonly onLimit: 'drop' | 'kill';
  readonly log: { readonly path: string; readonly maxBytes: number } | null;
  readonly onChunk: NonNullable<OutputSpec['onChunk']> | null;
  readonly runAs: { readonly uid: number; readonly gid: number } | null;
  readonly trusted: boolean;
  readonly descriptors: readonly number[];
  readonly session: 'ours' | 'own';
  readonly ignoreHangup: boolean;
  readonly onStart: NonNullable<RunSpec['onStart']> | null;
  readonly limits: NonNullable<RunSpec['limits']>;
  readonly containment: NonNullable<RunSpec['containment']>;
  readonly inside: readonly string[] | null;
  readonly require: Level | null;
}

export type ReadSpec =
  | { readonly kind: 'read'; readonly request: Request }
  | { readonly kind: 'malformed'; readonly reason: string };

const KIB_256 = 262_144;
const MIB_64 = 67_108_864;
/** A timer set beyond this many milliseconds fires at once. */
const LONGEST_TIMER_MS = 2_147_483_647;
const LARGEST_RING = 1_073_741_824;
const LEVELS: readonly unknown[] = ['kernel', 'namespace', 'cookie', 'group', 'plain'];
const CONTAINMENTS: readonly unknown[] = ['best', 'cookie', 'namespace', 'group', 'plain'];

type RequestFields = Readonly<Record<string, unknown>>;

/** Reads every field exactly once. */
export function readSpec(spec: unknown): ReadSpec {
  if (!isFields(spec)) return malformed('the request must be an object');
  const output = spec['output'] ?? {};
  const inheritsAll = spec['env'] === 'inherit';
  const env = inheritsAll ? {} : (spec['env'] ?? {});
  const limits = spec['limits'] ?? {};
  if (!isFields(output)) return malformed('output must be an object');
  if (!isFields(env)) return malformed('env must be an object');
  if (!isFields(limits)) return malformed('limits must be an object');
  const faults: string[] = [];
  const amount = (name: string, value: unknown, fallback: number | null, most: number): number => {
    if (value === undefined && fallback !== null) return fallback;
    if (typeof value === 'number' && value >= 0 && value <= most) return value;
    faults.push(`${name} must be a number from 0 to ${most}`);
    return 0;
  };
  const check = <T>(name: string, value: unknown, holds: boolean, rule: string): T => {
    if (!holds) faults.push(`${name} must be ${rule}`);
    return value as T;
  };
  const command = spec['command'];
  const args = spec['args'] ?? [];
  const cwd = spec['cwd'] ?? '.';
  const allow = env['allow'] ?? [];
  const morePath = env['morePath'] ?? [];
  const set = env['set'] ?? {};
  const signal = spec['signal'] ?? null;
  const stdin = spec['stdin'] ?? null;
  const logFile = output['logFile'];
  const onLimit = output['onLimit'] ?? 'drop';
  const onChunk = output['onChunk'] ?? null;
  const containment = spec['containment'] ?? 'best';
  const trusted = spec['trusted'] ?? false;
  const descriptors = spec['descriptors'] ?? [];
  const session = spec['session'] ?? 'own';
  const ignoreHangup = spec['ignoreHangup'] ?? false;
  const onStart = spec['onStart'] ?? null;
  const required = spec['require'] ?? null;
  const inside = spec['inside'] ?? null;
  const logMaxBytes = amount('output.logMaxBytes', output['logMaxBytes'], MIB_64, Number.MAX_SAFE_INTEGER);
  check('output.logFile', logFile, logFile === undefined || isText(logFile), 'a path');
  const request: Request = {
    command: check('command', command, isText(command), 'a non-empty string'),
    args: check('args', args, isWords(args), 'an array of strings'),
    cwd: check('cwd', cwd, isText(cwd), 'a path'),
    inheritsAll,
    allow: check('env.allow', allow, isTexts(allow), 'an array of names'),
    morePath: check('env.morePath', morePath, isTexts(morePath), 'an array of paths'),
    set: check(
      'env.set',
      set,
      isFields(set) && Object.values(set).every((value) => typeof value === 'string'),
      'a record of strings',
    ),
    timeoutMs: amount('timeoutMs', spec['timeoutMs'], null, LONGEST_TIMER_MS),
    graceMs: amount('graceMs', spec['graceMs'], 2000, LONGEST_TIMER_MS),
    leftoverGraceMs: amount('leftoverGraceMs', spec['leftoverGraceMs'], 0, LONGEST_TIMER_MS),
    drainMs: amount('drainMs', spec['drainMs'], 250, LONGEST_TIMER_MS),
    signal: check('signal', signal, signal === null || isSignal(signal), 'an AbortSignal'),
    stdin: check(
      'stdin',
      stdin,
      stdin === null || stdin === 'inherit' || types.isUint8Array(stdin),
      "bytes or 'inherit'",
    ),
    headBytes: Math.floor(amount('output.headBytes', output['headBytes'], KIB_256, LARGEST_RING)),
    tailBytes: Math.floor(amount('output.tailBytes', output['tailBytes'], KIB_256, LARGEST_RING)),
    maxTotalBytes: amount(
      'output.maxTotalBytes',
      output['maxTotalBytes'],
      Number.MAX_SAFE_INTEGER,
      Number.MAX_SAFE_INTEGER,
    ),
    onLimit: check('output.onLimit', onLimit, onLimit === 'drop' || onLimit === 'kill', "'drop' or 'kill'"),
    log: typeof logFile === 'string' ? { path: logFile, maxBytes: logMaxBytes } : null,
    onChunk: check('output.onChunk', onChunk, onChunk === null || typeof onChunk === 'function', 'a function'),
    runAs: readIdentity(spec['runAs'], faults),
    descriptors: check('descriptors', descriptors, isDescriptors(descriptors), 'an array of numbers from 3 to 65535'),
    session: check('session', session, session === 'ours' || session === 'own', "'ours' or 'own'"),
    ignoreHangup: check('ignoreHangup', ignoreHangup, typeof ignoreHangup === 'boolean', 'true or false'),
    onStart: check('onStart', onStart, onStart === null || typeof onStart === 'function', 'a function'),
    trusted: check('trusted', trusted, typeof trusted === 'boolean', 'true or false'),
    limits: readLimits(limits, faults),
    containment: check(
      'containment',
      containment,
      CONTAINMENTS.includes(containment),
      `one of ${CONTAINMENTS.join(', ')}`,
    ),
    inside: check(
      'inside',
      inside,
      inside === null || (isTexts(inside) && String(Object(inside)[0]).startsWith('/')),
      'an absolute command line',
    ),
    require: check('require', required, required === null || LEVELS.includes(required), `one of ${LEVELS.join(', ')}`),
  };
  return faults[0] === undefined ? { kind: 'read', request } : malformed(faults[0]);
}

function readLimits(limits: RequestFields, faults: string[]): Request['limits'] {
  const known = {
    maxProcesses: limits['maxProcesses'],
    maxMemoryBytes: limits['maxMemoryBytes'],
    cpuSeconds: limits['cpuSeconds'],
  };
  const read: Record<string, number> = {};
  for (const [name, value] of Object.entries(known)) {
    if (value === undefined) continue;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) read[name] = value;
    else faults.push(`limits.${name} must be a whole number from 1`);
  }
  return read;
}

function readIdentity(identity: unknown, faults: string[]): Request['runAs'] {
  if (identity === undefined || identity === null) return null;
  const { uid, gid } = isFields(identity) ? identity : {};
  if (isId(uid) && isId(gid)) return { uid, gid };
  faults.push('runAs must name a uid and a gid');
  return null;
}

/** The last number means "do not change" to setuid(2). */
const isId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 4_294_967_295;

const malformed = (reason: string): ReadSpec => ({ kind: 'malformed', reason });
const isFields = (value: unknown): value is RequestFields => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((entry) => typeof entry === 'string');
const isWords = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string' || types.isUint8Array(entry));
const isDescriptors = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 3 && entry <= 65_535);
/** By shape, so that a signal of another realm counts. */
const isSignal = (value: unknown): boolean =>
  isFields(value) && typeof value['aborted'] === 'boolean' && typeof value['addEventListener'] === 'function';
