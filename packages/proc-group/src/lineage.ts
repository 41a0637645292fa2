/**
 * Where nothing keeps a run: which processes could be of it although they carry no mark. A process of the run was born
 * after its command, and its parents are of the run too, up to this process or to the one that orphans are given to. So
 * whoever has another old process above it is foreign, and whoever has not may have taken its mark off.
 */
import { isAlive, readLockLimit, readStat } from './adapters/procfs.ts';
import { isOwn } from './own-processes.ts';

export interface Birth {
  /** Start of the command, in clock ticks since boot. */
  readonly start: number;
  /** The processes that a process of the run can have above it although they are not of the run. */
  readonly adopters: ReadonlySet<number>;
  /** Above this hard limit nobody in the run can be; null where a program may gain the right to raise it. */
  readonly ceiling: bigint | null;
}

const MOST_PARENTS = 64;

/** True if it may be of the run; a process that has ended is not. */
export function mayBelong(pid: number, birth: Birth, depth = 0): boolean {
  const stat = readStat(pid);
  if (stat === null || Number(stat.start) < birth.start || stat.ppid === 0) return false;
  if (depth === 0 && !isAlive(stat)) return false;
  const limit = readLockLimit(pid);
  if (birth.ceiling !== null && typeof limit !== 'string' && limit.hard > birth.ceiling) return false;
  if (birth.adopters.has(stat.ppid)) return !isOwn(pid, stat.start);
  if (depth === MOST_PARENTS || mayBelong(stat.ppid, birth, depth + 1)) return true;
  // Its parent is foreign, if it still is its parent: the number may have gone to another process in between.
  const parent = readStat(pid)?.ppid;
  return parent !== undefined && parent !== stat.ppid && mayBelong(pid, birth, depth + 1);
}
