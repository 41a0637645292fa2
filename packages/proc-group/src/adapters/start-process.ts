/** Starts one process; that it could not be started is an answer with an errno, and never a throw. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { errnoOf } from './errno.ts';

export interface StartRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly detached: boolean;
  readonly runAs: { readonly uid: number; readonly gid: number } | null;
  /** Where a status shell finds the command's stderr; null where the command itself is started. */
  readonly stderrAt: number | null;
  /** Descriptors of ours above 2 that the command gets under the same numbers. */
  readonly descriptors: readonly number[];
}

export interface SpawnFailed {
  readonly kind: 'spawn-failed';
  /** As from execve(2) or fork(2). */
  readonly errno: string;
  readonly message: string;
}

export type StartResult = { readonly kind: 'started'; readonly child: ChildProcess } | SpawnFailed;

/** What execve itself refuses is known only from `startFailure`. */
export function startProcess(request: StartRequest, stdio: StdioOptions): StartResult {
  const { file, args, cwd, env, detached, runAs } = request;
  // Where we stand may have been removed; a process that is not told to go there can start there all the same.
  const place = cwd === '.' ? {} : { cwd };
  try {
    return {
      kind: 'started',
      child: spawn(file, args, { ...place, env, detached, stdio, ...runAs, windowsHide: true }),
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_INVALID_ARG_VALUE') return { kind: 'spawn-failed', errno: 'EINVAL', message };
    const errno = errnoOf(error);
    if (errno !== null) return { kind: 'spawn-failed', errno, message };
    throw error;
  }
}

/** Null once the process runs. */
export async function startFailure(child: ChildProcess): Promise<SpawnFailed | null> {
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
