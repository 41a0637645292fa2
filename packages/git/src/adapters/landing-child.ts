/**
 * Runs the one git command that must not be killed half-way: `update-ref` on a landing branch. Its own session, so that
 * no group kill, terminal or guard of ours reaches it; a SIGKILL in the middle would leave the ref's lock behind.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { CallOptions } from '../outcome.ts';
import { commandOf, type GitCall } from './git-call.ts';

/** What became of the child. `late` means that it still runs and may still act. */
export type LandingChild =
  | { readonly kind: 'ended'; readonly code: number | null; readonly stderr: string }
  | { readonly kind: 'not-started'; readonly errno: string; readonly stderr: string }
  | { readonly kind: 'late'; readonly pid: number };

const STDERR_BYTES = 4096;

/** Waits for the child at most `deadlineMs`; never signals it. */
export function runLandingChild(call: GitCall, options: CallOptions, deadlineMs: number): Promise<LandingChild> {
  const { args, set } = commandOf(call);
  return new Promise((resolve) => {
    const child = spawn(options.gitPath ?? 'git', args, {
      cwd: '/',
      detached: true,
      env: { PATH: process.env['PATH'], ...set },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // Without a descriptor left there is no stream, and the error that says why.
    const stderrOf = child.stderr as Readable | undefined;
    let stderr = '';
    const timer = setTimeout(() => {
      child.unref();
      resolve({ kind: 'late', pid: child.pid ?? 0 });
    }, deadlineMs);
    const settle = (answer: LandingChild): void => {
      clearTimeout(timer);
      stderrOf?.destroy();
      resolve(answer);
    };
    stderrOf?.on('error', () => undefined);
    stderrOf?.on('data', (bytes: Buffer) => {
      if (stderr.length < STDERR_BYTES) stderr += bytes.toString('utf8');
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      settle({ kind: 'not-started', errno: error.code ?? '', stderr: error.message });
    });
    child.on('close', (code) => settle({ kind: 'ended', code, stderr }));
  });
}
