/**
 * Which process it is, beyond its number: a pid alone soon belongs to another process. On Linux the start time in clock
 * ticks since boot makes it unique; elsewhere only "is there such a pid" is known, and a reused pid counts as alive.
 */
import { hostname } from 'node:os';
import { bootId, pidExists, pidNamespace } from './adapters/pid-namespace.ts';
import { isAlive, readStat } from './adapters/procfs.ts';
import { readForeign } from './adapters/safe-read.ts';

/** Names one process for as long as the machine is up, although its pid may be given to another. */
export interface ProcessIdentity {
  /** Its process id within `scope`. */
  readonly pid: number;
  /** Start time as the kernel reports it; empty where it does not. */
  readonly startTime: string;
  /** Host, boot and pid namespace: pids mean something only within one. */
  readonly scope: string;
}

/** This very process. Total. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: readStat(process.pid)?.start ?? '', scope: ownScope() };
}

/**
 * Whether the process still runs. `unknown` when it belongs to another host, boot or pid namespace, or when the value
 * is no identity: nothing is claimed about those. Total.
 */
export function identityIs(identity: ProcessIdentity): 'alive' | 'gone' | 'unknown' {
  const { pid, startTime, scope } = readForeign(identity, ['pid', 'startTime', 'scope']);
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1 || scope !== ownScope()) return 'unknown';
  if (!pidExists(pid)) return 'gone';
  const stat = readStat(pid);
  if (startTime === '' || stat === null) return 'alive';
  return isAlive(stat) && stat.start === startTime ? 'alive' : 'gone';
}

const ownScope = (): string => [hostname(), bootId(), pidNamespace()].join('/');
