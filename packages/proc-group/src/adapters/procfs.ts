/**
 * Reads Linux's /proc. Everything there may vanish between two reads, so every answer may be `absent`. `blind` names
 * the one case that must not be taken for an absence: the file is there, and this process is out of descriptors or
 * memory.
 */
import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';

export interface ProcStat {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly threads: number;
  /** Clock ticks since boot; with the pid it names one process, as no pid comes round again within a tick. */
  readonly start: string;
}

/** `unlimited` reads as a number above every limit. */
export interface LockLimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

type ProcText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'blind' };

const GONE: readonly unknown[] = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'EINVAL'];
const EXHAUSTED: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EIO'];
/** The files read here are far smaller; one buffer for all keeps a scan at three system calls per process. */
const buffer: Buffer = Buffer.alloc(8192);

function readProc(path: string): ProcText {
  try {
    const fd = openSync(path, 'r');
    try {
      return { kind: 'text', text: buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0)) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (GONE.includes(code)) return { kind: 'absent' };
    if (EXHAUSTED.includes(code)) return { kind: 'blind' };
    throw error;
  }
}

/** All process ids of this PID namespace; null where there is no readable /proc. */
export function listPids(): readonly number[] | null {
  try {
    const pids: number[] = [];
    for (const entry of readdirSync('/proc')) {
      const first = entry.charCodeAt(0);
      if (first >= 48 && first <= 57) pids.push(Number(entry));
    }
    return pids.length === 0 ? null : pids;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (GONE.includes(code) || EXHAUSTED.includes(code)) return null;
    throw error;
  }
}

/** proc(5), /proc/pid/stat; the name may hold spaces and parentheses, so fields are counted from its last `)`. */
export function readStat(pid: number): ProcStat | null {
  const read = readProc(`/proc/${pid}/stat`);
  if (read.kind !== 'text') return null;
  const open = read.text.indexOf('(');
  const close = read.text.lastIndexOf(')');
  const fields = read.text.slice(close + 2).split(' ');
  const [state, ppid, pgrp] = fields;
  const start = fields[19];
  if (open < 0 || state === undefined || start === undefined) return null;
  return {
    pid,
    comm: read.text.slice(open + 1, close),
    state,
    ppid: Number(ppid),
    pgrp: Number(pgrp),
    threads: Number(fields[17]),
    start,
  };
}

const EXITING = 0x4;

/**
 * How a process that is ending ends, as wait(2) would say it; null for one that goes on, is gone, or may not be inspected: the kernel
 * then shows 0, and only what is not 0 is its word.
 */
export function readEnd(pid: number): number | null {
  const read = readProc(`/proc/${pid}/stat`);
  if (read.kind !== 'text') return null;
  const fields = read.text.slice(read.text.lastIndexOf(')') + 2).split(' ');
  const status = Number(fields[49]);
  return (Number(fields[6]) & EXITING) !== 0 && status !== 0 ? status : null;
}

/** A zombie runs nothing and waits only for its parent to notice, unless it is a first thread that others outlived. */
export const isAlive = (stat: ProcStat | null): stat is ProcStat =>
  stat !== null && ((stat.state !== 'Z' && stat.state !== 'X') || stat.threads > 1);

/**
 * Names the process that has this pid: the inode of its directory is made for it and for no later process, though the
 * same process may get another one. `absent`: there is no such process, or none that we may see.
 */
export function processInode(pid: number): number | 'absent' | 'blind' {
  try {
    // Asking for a process that has ended is the common case on a busy host, and must not cost an exception.
    return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.ino ?? 'absent';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (GONE.includes(code)) return 'absent';
    if (EXHAUSTED.includes(code)) return 'blind';
    throw error;
  }
}

const UNLIMITED: bigint = 2n ** 64n;
const FILE_LOCKS = /^Max file locks +(\S+) +(\S+)/m;

/** RLIMIT_LOCKS of a process; readable for every user, whatever its owner. */
export function readLockLimit(pid: number | 'self'): LockLimit | 'absent' | 'blind' {
  const read = readProc(`/proc/${pid}/limits`);
  if (read.kind !== 'text') return read.kind;
  const [, soft, hard] = FILE_LOCKS.exec(read.text) ?? [];
  return soft === undefined || hard === undefined ? 'absent' : { soft: amount(soft), hard: amount(hard) };
}

const amount = (text: string): bigint => (/^\d+$/.test(text) ? BigInt(text) : UNLIMITED);

/** How many descriptors this process may have; 0 where that cannot be read. */
export function openLimit(): number {
  const read = readProc('/proc/self/limits');
  const [, soft = '0'] = read.kind === 'text' ? (/^Max open files +(\S+)/m.exec(read.text) ?? []) : [];
  return Number(amount(soft));
}

/** The pid that was allocated last in our PID namespace: while it does not move, no process was born. */
export function lastPid(): number | null {
  const read = readProc('/proc/loadavg');
  if (read.kind !== 'text') return null;
  const last = Number(read.text.trim().split(' ').at(-1));
  return Number.isSafeInteger(last) ? last : null;
}

/** Pids run up to this number and then start again at 300 (kernel/pid.c, RESERVED_PIDS). */
export function largestPid(): number | null {
  const read = readProc('/proc/sys/kernel/pid_max');
  return read.kind === 'text' && /^\d+\n?$/.test(read.text) ? Number(read.text) - 1 : null;
}

/** The children of a process that its first thread started or adopted; none where the kernel does not list them. */
export function childrenOf(pid: number): readonly number[] {
  const read = readProc(`/proc/${pid}/task/${pid}/children`);
  return read.kind === 'text' ? read.text.trim().split(' ').map(Number).filter(Boolean) : [];
}

/** The pid of a process in a namespace below ours; null for one that is in none. */
export function pidInside(pid: number): number | null {
  const read = readProc(`/proc/${pid}/status`);
  const inside = read.kind === 'text' ? /^NSpid:\t\d+\t(?:\d+\t)*(\d+)$/m.exec(read.text)?.[1] : undefined;
  return inside === undefined ? null : Number(inside);
}

/** Whether it is the first process of a PID namespace that was opened from ours; null: it is gone by now, and cannot be asked. */
export function isInit(pid: number): boolean | null {
  const ours = namespacePids('self');
  const inside = namespacePids(pid);
  if (inside === null) return null;
  return ours !== null && inside.length === ours.length + 1 && inside.at(-1) === '1';
}

function namespacePids(of: number | 'self'): readonly string[] | null {
  const read = readProc(`/proc/${of}/status`);
  return read.kind === 'text' ? (/^NSpid:\t([\d\t]+)$/m.exec(read.text)?.[1]?.split('\t') ?? null) : null;
}

/** One tick of utime and stime: USER_HZ, the same on every architecture that Node runs on. */
const TICK_MS = 10;

/** Processor time of a process and of its children that it waited for, and the most memory it ever had itself. */
export function readUsage(
  pid: number,
): { readonly userMs: number; readonly systemMs: number; readonly peakMemoryBytes: number } | null {
  const stat = readProc(`/proc/${pid}/stat`);
  const status = readProc(`/proc/${pid}/status`);
  if (stat.kind !== 'text' || status.kind !== 'text') return null;
  const fields = stat.text.slice(stat.text.lastIndexOf(')') + 2).split(' ');
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map((ticks) => Number(ticks) * TICK_MS);
  const peak = 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status.text)?.[1] ?? 0);
  return {
    userMs: (user ?? 0) + (childUser ?? 0),
    systemMs: (system ?? 0) + (childSystem ?? 0),
    peakMemoryBytes: peak,
  };
}

/** Resident memory of this very process; 0 where /proc does not say. */
export function residentBytes(): number {
  const read = readProc('/proc/self/status');
  return read.kind === 'text' ? 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(read.text)?.[1] ?? 0) : 0;
}

/** True if /proc shows the PID namespace that this process lives in. */
export function procIsOurs(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (GONE.includes(code) || EXHAUSTED.includes(code)) return false;
    throw error;
  }
}

/** True if /proc is, or may be, mounted so that processes of other users are not shown, and we are not root. */
export function hidesProcesses(): boolean {
  if (process.getuid?.() === 0) return false;
  const mounts = readProc('/proc/self/mountinfo');
  // A later mount hides an earlier one.
  const mount = mounts.kind === 'text' ? mounts.text.match(/^(?:\S+ ){4}\/proc .*$/gm)?.at(-1) : undefined;
  return mount === undefined || /\bhidepid=(?!0\b|off\b)/.test(mount);
}

/** Whether this process or one below it may have the capability, by a set-user-id program too; capabilities(7). */
export function mayGain(capability: bigint): boolean {
  const status = readProc('/proc/self/status');
  if (status.kind !== 'text') return true;
  const has = (set: string): boolean =>
    ((BigInt(`0x${new RegExp(`^${set}:\\s+([0-9a-f]+)$`, 'm').exec(status.text)?.[1] ?? 'ffffffffffffffff'}`) >>
      capability) &
      1n) ===
    1n;
  return has('CapBnd') && (has('CapPrm') || !/^NoNewPrivs:\s+1$/m.test(status.text));
}
