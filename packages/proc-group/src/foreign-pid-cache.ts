/**
 * Remembers which processes cannot belong to a run, so that a later read of the same process costs one system call
 * instead of five. A process is named by its pid and the inode of its /proc directory, which the kernel gives to no
 * other process. It is foreign for ever if it was seen before the run began, or without the mark afterwards: a mark is
 * had from birth.
 */
import { processInode } from './adapters/procfs.ts';
import { monotonicMs } from './adapters/within.ts';

interface Sight {
  readonly inode: number;
  /** When it was first seen, in `monotonicMs()` time. */
  readonly at: number;
}

/** Of all runs of this process; pruned when it has grown well beyond what a host has. */
const sights = new Map<number, Sight>();
const MOST_SIGHTS = 65_536;

export interface ForeignPidCache {
  /** A process that has ended is one too. */
  readonly isForeign: (pid: number) => boolean;
  /** Records that the process `isForeign` was last asked about turned out not to be ours. */
  readonly learn: () => void;
}

/** For a run that begins now, before its first process exists. */
export function foreignPidCache(): ForeignPidCache {
  const began = monotonicMs();
  const learned = new Map<number, number>();
  let asked = { pid: 0, inode: 0 };
  return {
    isForeign: (pid) => {
      const inode = processInode(pid);
      // Read before the mark is: if another process gets the number in between, what is learned is about no process.
      asked = { pid, inode: typeof inode === 'number' ? inode : 0 };
      if (typeof inode !== 'number') return inode === 'absent';
      return learned.get(pid) === inode || wasSeenBefore(began, pid, inode);
    },
    learn: () => {
      if (asked.inode !== 0) learned.set(asked.pid, asked.inode);
    },
  };
}

function wasSeenBefore(moment: number, pid: number, inode: number): boolean {
  const sight = sights.get(pid);
  if (sight?.inode === inode) return sight.at < moment;
  if (sights.size >= MOST_SIGHTS) sights.clear();
  sights.set(pid, { inode, at: monotonicMs() });
  return false;
}
