/**
 * Who a process is, beyond its number: a pid alone is soon somebody else's. On Linux the start time in clock ticks
 * since boot makes it unique; elsewhere only "is there such a pid" is known, and a reused pid looks alive.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf } from './system-error.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Start time as the kernel tells it; empty where it does not. */
  readonly startTime: string;
  /** Host, boot and pid namespace: pids mean something only within one. */
  readonly scope: string;
}

const UNREADABLE = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR']);

/** This very process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: startTimeOf(process.pid), scope: ownScope() };
}

/** `unknown` when the process belongs to another host, boot or pid namespace. */
export function identityIs(identity: ProcessIdentity): 'alive' | 'gone' | 'unknown' {
  if (identity.scope !== ownScope()) return 'unknown';
  if (!pidExists(identity.pid)) return 'gone';
  const startTime = startTimeOf(identity.pid);
  if (identity.startTime === '' || startTime === '') return 'alive';
  return startTime === identity.startTime ? 'alive' : 'gone';
}

/** Field 22 of `/proc/<pid>/stat`; the name in field 2 may hold spaces and parentheses, so count from its end. */
function startTimeOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? '');
}

function ownScope(): string {
  return [hostname(), readText('/proc/sys/kernel/random/boot_id').trim(), readLink('/proc/self/ns/pid')].join('/');
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'ESRCH') return false;
    if (codeOf(thrown) === 'EPERM') return true;
    throw thrown;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (UNREADABLE.has(codeOf(thrown) ?? '')) return '';
    throw thrown;
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch (thrown) {
    if (UNREADABLE.has(codeOf(thrown) ?? '')) return '';
    throw thrown;
  }
}
