/** What this machine's shell can do: whether there is one, and what one short, constant script of ours says. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

const PROBE_TIMEOUT_MS = 5000;

/** Whether this machine has a shell at all. */
export function canRunShell(): boolean {
  try {
    accessSync('/bin/sh', constants.X_OK);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && /^E[A-Z]+$/.test(code)) return false;
    throw error;
  }
}

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
