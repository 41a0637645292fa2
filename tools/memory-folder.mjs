// A folder in memory for what tests write, tens of thousands of small files: on a disk they cost a fifth of the CPU of the tests of git.
// Plain JavaScript for any Node >= 18.
import * as fs from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** The tests hold 0.1 GiB at once. */
const ENOUGH_BYTES = 2 ** 30;

/** Null where the system has no such place (only Linux has), it is small, or no program may be started from it; also before Node 18.15. */
export function memoryFolder() {
  let folder = null;
  try {
    const { bavail, bsize } = fs.statfsSync(MEMORY);
    if (bavail * bsize < ENOUGH_BYTES) return null;
    folder = fs.mkdtempSync(join(MEMORY, 'gatehouse-'));
    // As /tmp is: tests start commands as other users.
    fs.chmodSync(folder, 0o1777);
    const program = join(folder, 'program');
    fs.writeFileSync(program, '', { mode: 0o755 });
    fs.accessSync(program, fs.constants.X_OK);
    fs.rmSync(program);
    return folder;
  } catch {
    if (folder !== null) fs.rmSync(folder, { recursive: true, force: true });
    return null;
  }
}
