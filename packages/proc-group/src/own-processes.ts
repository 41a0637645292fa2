/** The processes that this one started to hold or watch runs; a child of ours that is none of them may be a stray. */
import { readStat } from './adapters/procfs.ts';

const own = new Map<number, string>();

/** Returns the function that takes it off the list. */
export function noteOwn(pid: number): () => void {
  const start = readStat(pid)?.start;
  if (start === undefined) return () => {};
  own.set(pid, start);
  return () => {
    if (own.get(pid) === start) own.delete(pid);
  };
}

export const isOwn = (pid: number, start: string): boolean => own.get(pid) === start;
