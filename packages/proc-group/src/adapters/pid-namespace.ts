/** What makes a pid mean something: the boot, the pid namespace, and whether there is such a process at all. */
import { readFileSync, readlinkSync } from 'node:fs';

const UNREADABLE: readonly unknown[] = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'EINVAL', 'EMFILE', 'ENFILE'];

/** Empty where the kernel does not say. */
export const bootId = (): string => orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());

/** Empty where the kernel does not say. */
export const pidNamespace = (): string => orEmpty(() => readlinkSync('/proc/self/ns/pid'));

/** True also for a process that we may not signal. */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ESRCH') return false;
    if (code === 'EPERM') return true;
    throw error;
  }
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (UNREADABLE.includes((error as NodeJS.ErrnoException).code)) return '';
    throw error;
  }
}
