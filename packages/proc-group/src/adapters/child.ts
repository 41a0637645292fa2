/**
 * Starts one child and turns its events into values. Nothing here decides anything; a stream or spawn error can
 * neither throw nor stay unhandled.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { types } from 'node:util';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly detached: boolean;
  readonly stdin: Uint8Array | 'inherit' | null;
  readonly runAs: { readonly uid: number; readonly gid: number } | null;
  readonly onChunk: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
}

export interface Child {
  readonly pid: number;
  /** Settles when the process itself has ended, whoever still holds its pipes. Never rejects. */
  readonly exited: Promise<Exit>;
  /** The same as a value to look at. */
  readonly exit: () => Exit | null;
  /** Settles when both streams have ended. Never rejects. */
  readonly drained: Promise<void>;
  /** Stops reading and frees the descriptors. */
  readonly release: () => void;
}

export type Spawned =
  | { readonly kind: 'spawned'; readonly child: Child }
  | { readonly kind: 'spawn-failed'; readonly errno: string; readonly message: string };

export async function spawnChild(request: ChildRequest): Promise<Spawned> {
  const started = start(request);
  if (started.kind === 'spawn-failed') return started;
  const { child } = started;
  const { stdin, stdout, stderr } = child;
  let exit: Exit | null = null;
  const exited = new Promise<Exit>((resolve) => {
    child.on('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  // A reader that breaks (EPIPE on stdin, EIO on a pipe) ends that stream; the process is judged by its exit alone.
  for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => {});
  stdout?.on('data', (bytes: Uint8Array) => request.onChunk('stdout', bytes));
  stderr?.on('data', (bytes: Uint8Array) => request.onChunk('stderr', bytes));
  const ended = [stdout, stderr].map((stream) => new Promise<void>((resolve) => stream?.on('close', () => resolve())));
  const failure = await startOrFailure(child);
  if (failure !== null) return failure;
  if (types.isUint8Array(request.stdin)) stdin?.end(request.stdin);
  return {
    kind: 'spawned',
    child: {
      pid: child.pid ?? 0,
      exited,
      exit: () => exit,
      drained: Promise.all(ended).then(() => {}),
      release: () => {
        for (const stream of [stdin, stdout, stderr]) stream?.destroy();
      },
    },
  };
}

function start(
  request: ChildRequest,
): { readonly kind: 'started'; readonly child: ChildProcess } | (Spawned & { readonly kind: 'spawn-failed' }) {
  try {
    const child = spawn(request.file, request.args, {
      cwd: request.cwd,
      env: request.env,
      detached: request.detached,
      stdio: [stdinOf(request.stdin), 'pipe', 'pipe'],
      ...request.runAs,
      windowsHide: true,
    });
    return { kind: 'started', child };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_INVALID_ARG_VALUE') return { kind: 'spawn-failed', errno: 'EINVAL', message };
    if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return { kind: 'spawn-failed', errno: code, message };
    throw error;
  }
}

function stdinOf(stdin: ChildRequest['stdin']): 'ignore' | 'pipe' | 'inherit' {
  if (stdin === null) return 'ignore';
  return stdin === 'inherit' ? 'inherit' : 'pipe';
}

async function startOrFailure(child: ChildProcess): Promise<(Spawned & { readonly kind: 'spawn-failed' }) | null> {
  // After the start an 'error' can only mean that a signal could not be sent, and no signal is sent through `child`.
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => child.on('error', resolve));
  const error = await Promise.race([
    failed,
    once(child, 'spawn').then(
      () => null,
      (thrown: NodeJS.ErrnoException) => thrown,
    ),
  ]);
  return error === null ? null : { kind: 'spawn-failed', errno: error.code ?? 'EUNKNOWN', message: error.message };
}
