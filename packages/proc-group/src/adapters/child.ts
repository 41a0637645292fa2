/**
 * Starts one child and turns its events into values. Nothing here decides anything; a stream or spawn error can
 * neither throw nor stay unhandled.
 */
import type { Readable, Writable } from 'node:stream';
import { types } from 'node:util';
import { type SpawnFailed, type StartRequest, startFailure, startProcess } from './start-process.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildRequest extends StartRequest {
  readonly stdin: Uint8Array | 'inherit' | null;
  readonly onChunk: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
}

export interface Child {
  readonly pid: number;
  /** Settles when the process itself has ended, even while other processes hold its pipes. Never rejects. */
  readonly exited: Promise<Exit>;
  /** The same as a value to read. */
  readonly exit: () => Exit | null;
  /** Settles when both streams have ended. Never rejects. */
  readonly drained: Promise<void>;
  /** Stops reading and frees the descriptors. */
  readonly release: () => void;
}

export type Spawned = { readonly kind: 'spawned'; readonly child: Child } | SpawnFailed;

/** Starts the command as a child of this very process. */
export async function spawnChild(request: ChildRequest): Promise<Spawned> {
  const started = startProcess(request, [stdinOf(request.stdin), 'pipe', 'pipe']);
  if (started.kind === 'spawn-failed') return started;
  const { child } = started;
  let exit: Exit | null = null;
  const exited = new Promise<Exit>((resolve) => {
    child.on('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  const { stdin, stdout, stderr } = child;
  const streams = readStreams({ stdin, stdout, stderr }, request.onChunk);
  const failure = await startFailure(child);
  if (failure !== null) return failure;
  if (types.isUint8Array(request.stdin)) stdin?.end(request.stdin);
  return { kind: 'spawned', child: { pid: child.pid ?? 0, exited, exit: () => exit, ...streams } };
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
  stdout?.on('data', (bytes: Uint8Array) => onChunk('stdout', bytes));
  stderr?.on('data', (bytes: Uint8Array) => onChunk('stderr', bytes));
  const ended = [stdout, stderr].map((stream) => new Promise<void>((resolve) => stream?.on('close', () => resolve())));
  return {
    drained: Promise.all(ended).then(() => {}),
    release: () => {
      for (const stream of [stdin, stdout, stderr]) stream?.destroy();
    },
  };
}
