/**
 * Starts one child and turns its events into values. Nothing here decides anything; a stream or spawn error can
 * neither throw nor stay unhandled.
 */
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { types } from 'node:util';
import { signalName } from '../signal-name.ts';
import { hasBegun, readTold } from '../status-shell.ts';
import { takePipes } from './pipes.ts';
import { readEnd } from './procfs.ts';
import { type SpawnFailed, type StartRequest, startFailure, startProcess } from './start-process.ts';
import { within } from './within.ts';

/** How a process ended; both null where nobody can say. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The command may also have exited with 128 + the number of the signal. */
  readonly inferred?: true;
}

export interface ChildRequest extends StartRequest {
  readonly stdin: Uint8Array | 'inherit' | null;
  /** A promise: nothing more is read of this stream before it settles. */
  readonly onChunk: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void> | null;
}

export interface Child {
  readonly pid: number;
  /** Settles when the process itself has ended, even while other processes hold its pipes. Never rejects. */
  readonly exited: Promise<Exit>;
  /** The same as a value to read. */
  readonly exit: () => Exit | null;
  /** Settles when signals reach the command, which its shell may take a while to see to; later than `exited` it does not matter. */
  readonly begun: Promise<void>;
  /** Settles when both streams have ended. Never rejects. */
  readonly drained: Promise<void>;
  /** Stops reading and frees the descriptors. */
  readonly release: () => void;
}

export type Spawned = { readonly kind: 'spawned'; readonly child: Child } | SpawnFailed;

/** Starts the command as a child of this very process. */
export async function spawnChild(request: ChildRequest): Promise<Spawned> {
  const { stderrAt } = request;
  const pipes = await takePipes(2);
  const [out, err] = [pipes?.[0], pipes?.[1]];
  const places = { stdin: stdinOf(request.stdin), stdout: out?.write ?? 'pipe', stderr: err?.write ?? 'pipe' } as const;
  const started = startProcess(
    request,
    stdioOf<Place>(stderrAt === null ? places : { ...places, status: 'pipe' }, request),
  );
  for (const pipe of pipes ?? []) {
    pipe.give();
    if (started.kind === 'spawn-failed') pipe.read.destroy();
  }
  if (started.kind === 'spawn-failed') return started;
  const { child } = started;
  const own = new Promise<Exit>((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  // Without a descriptor left Node makes no streams at all, and says so by an 'error' that is not awaited yet.
  const [stdin, stdout] = [child.stdin ?? null, out?.read ?? child.stdout ?? null];
  const made = (child.stdio as ChildProcess['stdio'] | undefined)?.[stderrAt ?? 2] ?? null;
  const stderr = err?.read ?? (made as Readable | null);
  const streams = readStreams({ stdin, stdout, stderr }, request.onChunk);
  const { told, begun } =
    stderrAt === null
      ? { told: seenBy(child, [stdout, stderr], own), begun: Promise.resolve() }
      : toldOn(child.stderr ?? null, own);
  const ended = endOf(told);
  const failure = await startFailure(child);
  if (failure !== null) return failure;
  if (types.isUint8Array(request.stdin)) stdin?.end(request.stdin);
  return { kind: 'spawned', child: { pid: child.pid ?? 0, ...ended, begun, ...streams } };
}

type Place = 'ignore' | 'pipe' | 'inherit' | number;

/** By descriptor: with `stderrAt` the status takes the place of stderr; the numbers of `descriptors` are our own. */
export function stdioOf<Of>(
  { stdin, stdout, stderr, status = stderr }: { stdin: Of; stdout: Of; stderr: Of; status?: Of },
  { stderrAt, descriptors }: Pick<StartRequest, 'stderrAt' | 'descriptors'>,
): (Of | 'ignore' | number)[] {
  const places: (Of | 'ignore' | number)[] = [stdin, stdout, stderrAt === null ? stderr : status];
  for (let at = 3; at <= Math.max(stderrAt ?? 0, ...descriptors); at += 1)
    places.push(at === stderrAt ? stderr : descriptors.includes(at) ? at : 'ignore');
  return places;
}

/** An exit to await and to read. */
export function endOf(exited: Promise<Exit>): Pick<Child, 'exited' | 'exit'> {
  let exit: Exit | null = null;
  return {
    exited: exited.then((how) => {
      exit = how;
      return how;
    }),
    exit: () => exit,
  };
}

/**
 * The end of a command without a shell that tells it. Node may call a real-time signal success; but the kernel closes a
 * process's descriptors before it reports the end, and Node hears of closed pipes first: at that moment the status can still be read.
 * What keeps a pipe open beyond the command keeps it from being seen.
 */
function seenBy(child: ChildProcess, streams: readonly (Readable | null)[], own: Promise<Exit>): Promise<Exit> {
  let seen: number | null = null;
  const look = (): void => {
    if (process.platform === 'linux' && child.exitCode === null) seen ??= readEnd(child.pid ?? 0);
  };
  for (const stream of streams) stream?.on('end', look);
  return own.then((exit) => {
    const signal = (seen ?? 0) & 0x7f;
    return exit.code === 0 && signal !== 0 ? { code: null, signal: signalName(signal) } : exit;
  });
}

const LONGEST_WORD = 4096;
/** How long what the shell told may be behind its end; only a process that was stopped while it was forked holds the stream. */
const LATE_MS = 1000;

export interface Told {
  /** The end of the command as the shell that waited for it told it. Never rejects. */
  readonly told: Promise<Exit>;
  readonly begun: Promise<void>;
}

/** `shell`: how it ended itself. */
export function toldOn(status: Readable | null, shell: Promise<Exit>): Told {
  let said = '';
  const begun = Promise.withResolvers<void>();
  status?.on('error', () => {});
  status?.on('data', (bytes: Uint8Array) => {
    if (said.length < LONGEST_WORD) said += Buffer.from(bytes).toString('latin1');
    if (hasBegun(said)) begun.resolve();
  });
  const closed = new Promise<void>((resolve) => status?.on('close', () => resolve()));
  const told = shell.then(async (own) => {
    await within(closed, LATE_MS, undefined);
    status?.destroy();
    begun.resolve();
    return readTold(said, own);
  });
  return { told, begun: begun.promise };
}

function stdinOf(stdin: ChildRequest['stdin']): 'ignore' | 'pipe' | 'inherit' {
  if (stdin === null) return 'ignore';
  return stdin === 'inherit' ? 'inherit' : 'pipe';
}

interface Streams {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/** A stream that breaks (EPIPE on stdin, EIO on a pipe) just ends; the process is judged by its exit alone. */
export function readStreams(
  { stdin, stdout, stderr }: Streams,
  onChunk: ChildRequest['onChunk'],
): Pick<Child, 'drained' | 'release'> {
  for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => {});
  const listen = (stream: Readable | null, name: 'stdout' | 'stderr'): void => {
    stream?.on('data', (bytes: Uint8Array) => {
      const taken = onChunk(name, bytes);
      if (taken === null) return;
      stream.pause();
      void taken.then(() => stream.resume());
    });
  };
  listen(stdout, 'stdout');
  listen(stderr, 'stderr');
  const ended = [stdout, stderr].map((stream) => new Promise<void>((resolve) => stream?.on('close', () => resolve())));
  return {
    drained: Promise.all(ended).then(() => {}),
    release: () => {
      for (const stream of [stdin, stdout, stderr]) stream?.destroy();
    },
  };
}
