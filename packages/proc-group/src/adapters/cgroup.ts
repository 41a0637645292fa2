/**
 * A leaf of the cgroup v2 tree per run, below the cgroup of this very process. A file that is missing or refuses a
 * write is an answer: which of them exist differs from machine to machine.
 */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readStat } from './procfs.ts';

const EXPECTED =
  /^E(?:NOENT|ACCES|PERM|ROFS|BUSY|EXIST|NODEV|NOTDIR|NOTEMPTY|INVAL|OPNOTSUPP|AGAIN|NOSPC|ISDIR|MFILE|NFILE|NOMEM)$/;

/** Runs one file operation; null if the file system refused it. */
function attempt<T>(operation: () => T): T | null {
  try {
    return operation();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && EXPECTED.test(code)) return null;
    throw error;
  }
}

const read = (path: string): string | null => attempt(() => readFileSync(path, 'latin1'));
/** False if the kernel did not take the value. */
const write = (path: string, value: string): boolean => attempt(() => writeFileSync(path, value)) !== null;

/** The directory of our own cgroup in the v2 hierarchy; null if none is visible. `root`: where the machine's files are. */
export function ownCgroup(root = ''): string | null {
  const mount = [`${root}/sys/fs/cgroup`, `${root}/sys/fs/cgroup/unified`].find(
    (path) => read(`${path}/cgroup.controllers`) !== null,
  );
  const own = /^0::(\/.*)$/m.exec(read(`${root}/proc/self/cgroup`) ?? '')?.[1];
  return mount === undefined || own === undefined ? null : join(mount, own);
}

let lastLeaf = 0;

/** Names its owner, so that a later reader can check whether that owner still lives. */
const ownerPrefix = (): string | null => {
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'))?.replace(/\D/g, '');
  const start = readStat(process.pid)?.start;
  return namespace === undefined || start === undefined ? null : `gatehouse-${namespace}-${process.pid}-${start}`;
};

export function makeLeaf(parent: string): string | null {
  const prefix = ownerPrefix();
  if (prefix === null) return null;
  lastLeaf += 1;
  const path = join(parent, `${prefix}-${lastLeaf}`);
  return attempt(() => mkdirSync(path)) === null && read(`${path}/cgroup.procs`) === null ? null : path;
}

/** True as long as a process in the leaf or below it is alive; the kernel keeps this, zombies do not count. */
export const isPopulated = (leaf: string): boolean => !/^populated 0$/m.test(read(`${leaf}/cgroup.events`) ?? '');

/** Every process in the leaf and below it. */
export function leafMembers(leaf: string): readonly number[] {
  const pids = (read(`${leaf}/cgroup.procs`) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
  return [...pids.filter((pid) => pid > 1), ...childrenOf(leaf).flatMap(leafMembers)];
}

const childrenOf = (leaf: string): readonly string[] =>
  (attempt(() => readdirSync(leaf, { withFileTypes: true })) ?? [])
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(leaf, entry.name));

/** SIGKILL to every process in and below the leaf at once; a fork cannot slip through (Linux 5.14). */
export const killLeaf = (leaf: string): boolean => write(`${leaf}/cgroup.kill`, '1');

/** A run may have made cgroups of its own inside. */
export function removeLeaf(leaf: string): void {
  for (const child of childrenOf(leaf)) removeLeaf(child);
  attempt(() => rmdirSync(leaf));
}

/** True if the leaf has the controller's file and took the value. */
export const limitLeaf = (leaf: string, file: 'pids.max' | 'memory.max', value: number): boolean =>
  read(`${leaf}/${file}`) !== null && write(`${leaf}/${file}`, String(value));

export interface LeafUsage {
  readonly userMs?: number;
  readonly systemMs?: number;
  readonly peakMemoryBytes?: number;
  readonly peakProcesses?: number;
}

/** What the kernel counted for every process that ever was in the leaf; figures of absent controllers are missing. */
export function leafUsage(leaf: string): LeafUsage {
  const cpu = read(`${leaf}/cpu.stat`) ?? '';
  const figures: Readonly<Record<keyof LeafUsage, string | undefined>> = {
    userMs: /^user_usec (\d+)$/m.exec(cpu)?.[1],
    systemMs: /^system_usec (\d+)$/m.exec(cpu)?.[1],
    peakMemoryBytes: read(`${leaf}/memory.peak`)?.trim(),
    peakProcesses: read(`${leaf}/pids.peak`)?.trim(),
  };
  const known = Object.entries(figures).filter(([, text]) => text !== undefined && /^\d+$/.test(text));
  return Object.fromEntries(known.map(([name, text]) => [name, Number(text) / (name.endsWith('Ms') ? 1000 : 1)]));
}

/** Unlike `isPopulated` false for a leaf that another sweep has removed. */
const isOccupied = (leaf: string): boolean => /^populated 1$/m.test(read(`${leaf}/cgroup.events`) ?? '');

/**
 * A killed member is gone in a moment, but not at once; one in uninterruptible sleep may take longer than the caller
 * waits.
 */
const SWEEP = { steps: 100, stepMs: 10 };

/**
 * Ends and removes the leaves of owners that died without a guard. Only of our own PID namespace: others' pids mean
 * nothing here. A leaf that does not become empty within a second stays for the next sweep.
 */
export async function sweepStaleLeaves(parent: string): Promise<void> {
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'))?.replace(/\D/g, '');
  const stale = childrenOf(parent).filter((path) => {
    const [, owner, pid, start] = /\/gatehouse-(\d+)-(\d+)-(\d+)-\d+$/.exec(path) ?? [];
    return owner !== undefined && owner === namespace && readStat(Number(pid))?.start !== start;
  });
  for (const leaf of stale) killLeaf(leaf);
  for (let step = 0; step < SWEEP.steps && stale.some(isOccupied); step += 1) await setTimeout(SWEEP.stepMs);
  for (const leaf of stale) removeLeaf(leaf);
}
