/**
 * What a run used, where no cgroup counts it: the tree below the leader is sampled now and then. Every figure
 * is a lower bound, because nothing shows what happened after the last sample or in a process that left the tree.
 */
import { childrenOf, readUsage } from './adapters/procfs.ts';
import type { Usage } from './verdict.ts';

/** The first sample; short commands are not worth one. Each further one comes after twice the time, up to the last. */
const FIRST_MS = 50;
const LAST_MS = 1000;
const MOST_PROCESSES = 256;

export interface UsageSampler {
  /** Null if the run was over before the first sample. */
  readonly result: () => Usage | null;
  readonly stop: () => void;
}

/** `apart`: how many of the processes from the leader on are ours and no part of the run. */
export function sampleUsage(leader: number, apart: number): UsageSampler {
  let best: Usage | null = null;
  let wait = FIRST_MS;
  const sample = (): void => {
    const now = measure(leader);
    if (now !== null) best = best === null ? now : larger(best, now);
  };
  const tick = (): void => {
    sample();
    wait = Math.min(LAST_MS, 2 * wait);
    timer = setTimeout(tick, wait).unref();
  };
  let timer = setTimeout(tick, wait).unref();
  const result = (): Usage | null =>
    best === null ? null : { ...best, peakProcesses: Math.max(1, (best.peakProcesses ?? 1) - apart) };
  return { result, stop: () => clearTimeout(timer) };
}

function measure(leader: number): Usage | null {
  let [userMs, systemMs, peakMemoryBytes, peakProcesses] = [0, 0, 0, 0];
  const open = [leader];
  for (let pid = open.pop(); pid !== undefined && peakProcesses < MOST_PROCESSES; pid = open.pop()) {
    const used = readUsage(pid);
    if (used === null) continue;
    peakProcesses += 1;
    userMs += used.userMs;
    systemMs += used.systemMs;
    peakMemoryBytes = Math.max(peakMemoryBytes, used.peakMemoryBytes);
    open.push(...childrenOf(pid));
  }
  return peakProcesses === 0 ? null : { userMs, systemMs, peakMemoryBytes, peakProcesses, sampled: true };
}

/** Time that a process took with it out of the tree was used all the same. */
const larger = (one: Usage, other: Usage): Usage => {
  const most = (name: 'userMs' | 'systemMs' | 'peakMemoryBytes' | 'peakProcesses'): number =>
    Math.max(one[name] ?? 0, other[name] ?? 0);
  return {
    userMs: most('userMs'),
    systemMs: most('systemMs'),
    peakMemoryBytes: most('peakMemoryBytes'),
    peakProcesses: most('peakProcesses'),
    sampled: true,
  };
};
