/** Runs one short, constant shell script of ours to learn what this machine can do. */
import { execFile } from 'node:child_process';

const PROBE_TIMEOUT_MS = 5000;

/** What the script printed, or null if it could not be run or failed. */
export function askShell(script: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', script, 'gatehouse-probe', ...args],
      { timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL', env: { PATH: '/usr/bin:/bin' }, cwd: '/' },
      (error, stdout) => resolve(error === null ? stdout : null),
    );
  });
}
