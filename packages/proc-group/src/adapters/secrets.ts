/** Whether a child could read the environment that this process was started with. */
import { statSync } from 'node:fs';

/**
 * `childUid` null: the child runs as we do. Linux guards /proc/pid/environ by its owner, which is root for a process that
 * may not be inspected. Elsewhere every process of the same user is taken to be readable.
 */
export function environmentReadableBy(childUid: number | null): boolean {
  const ours = process.geteuid?.() ?? 0;
  const theirs = childUid ?? ours;
  if (theirs === 0) return true;
  return theirs === (process.platform === 'linux' ? ownerOfEnviron() : ours);
}

function ownerOfEnviron(): number | null {
  try {
    return statSync('/proc/self/environ').uid;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // No /proc here does not mean that the child sees none: assume the worst.
    if (code === 'ENOENT' || code === 'EACCES') return process.geteuid?.() ?? 0;
    throw error;
  }
}
