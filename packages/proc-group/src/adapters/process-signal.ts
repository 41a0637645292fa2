/** Sending signals. A process that is gone or not ours to signal is an answer, not an error. */
import type { ChildProcess } from 'node:child_process';

export type Sent = 'sent' | 'gone' | 'denied';

/** A child of ours that another process stopped goes on. Not by `child.kill`: where that is denied, the child counts as failed. */
export function resume({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) sendSignal(pid, 'SIGCONT');
}

/** `pid` as for kill(2): negative addresses a group, signal 0 only asks. Never addresses 0 or -1 (all processes). */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): Sent {
  if (pid === 0 || pid === -1 || !Number.isSafeInteger(pid)) return 'gone';
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ESRCH') return 'gone';
    if (code === 'EPERM') return 'denied';
    throw error;
  }
}
