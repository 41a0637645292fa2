/**
 * Which processes live, when they began and what they hold open, as Linux reports it under /proc. Where that is missing
 * the answer is `null`, and nothing is concluded from it.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** One process that is not a zombie. */
export interface LivingProcess {
  readonly pid: number;
  /** The kernel's short name, for example `git`. */
  readonly name: string;
  /** Milliseconds since 1970, exact to about a second. */
  readonly startedAtMs: number;
}

/** USER_HZ is 100 wherever Linux has a /proc. */
const TICK_MS = 10;

/** Every process of this machine's own view; `null` when there is no /proc. */
export async function livingProcesses(): Promise<readonly LivingProcess[] | null> {
  const boot = /^btime (\d+)$/m.exec((await readOrNull('/proc/stat')) ?? '')?.[1];
  if (boot === undefined) return null;
  const living: LivingProcess[] = [];
  for (const pid of await processIds()) {
    const stat = (await readOrNull(`/proc/${pid}/stat`)) ?? '';
    // The name stands in brackets and may hold brackets and spaces itself.
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    if (end === -1 || fields[0] === 'Z' || fields[0] === 'X') continue;
    const name = stat.slice(stat.indexOf('(') + 1, end);
    living.push({ pid, name, startedAtMs: Number(boot) * 1000 + Number(fields[19]) * TICK_MS });
  }
  return living;
}

/** Who holds each path open, by exact path; only processes whose descriptors may be read take part. */
export async function holdersOf(paths: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly number[]>> {
  const holders = new Map<string, number[]>();
  for (const pid of await processIds()) {
    const directory = `/proc/${pid}/fd`;
    const descriptors = (await orNull(() => readdir(directory))) ?? [];
    for (const descriptor of descriptors) {
      const target = await orNull(() => readlink(join(directory, descriptor)));
      if (target === null || !paths.has(target)) continue;
      const known = holders.get(target) ?? [];
      if (!known.includes(pid)) holders.set(target, [...known, pid]);
    }
  }
  return holders;
}

async function processIds(): Promise<number[]> {
  const names = (await orNull(() => readdir('/proc'))) ?? [];
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

const readOrNull = (path: string): Promise<string | null> => orNull(() => readFile(path, 'utf8'));

/** A process may end between two reads, and those of other users may be unreadable. */
async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR')
      return null;
    throw error;
  }
}
