/**
 * Level `cookie`: the process group for speed, the inherited mark for every process that left it. Holds every
 * descendant that did not change its own RLIMIT_LOCKS. Marks of runs that are open at the same time never overlap.
 */
import { sendSignal } from '../adapters/process-signal.ts';
import { isAlive, readLockLimit, readStat } from '../adapters/procfs.ts';
import { execThrough, type Marks } from '../exec-through.ts';
import { foreignPidCache } from '../foreign-pid-cache.ts';
import type { CookieMeans } from '../machine.ts';
import { type Membership, scanMembers } from '../member-scan.ts';
import type { Request } from '../spec.ts';
import type { Leftover } from '../verdict.ts';
import { type Cookie, carries, carveCookie } from './carve-cookie.ts';
import type { ContainmentMechanism } from './containment.ts';
import { groupContainment, MOST_LISTED } from './group.ts';

const open = new Set<Cookie>();

export interface CookieContainment extends ContainmentMechanism {
  readonly marks: Marks;
  readonly isMarked: (pid: number) => boolean;
  /** As `kill`, but without a search: only what one call reaches. */
  readonly killAtOnce: () => void;
  /** As `terminate`, but spares the leader. */
  readonly terminateBelow: () => void;
}

/** Null if no mark can be carved, which a caller must report as a lower level. */
export function cookieContainment(
  means: CookieMeans,
  limits: Request['limits'],
  { leaf, joins }: Pick<Marks, 'leaf' | 'joins'>,
): CookieContainment | null {
  const cookie = carveCookie(means.around, open);
  if (cookie === null) return null;
  open.add(cookie);
  const group = groupContainment();
  const marks: Marks = {
    flag: means.flag,
    ...cookie,
    leaf,
    joins,
    cpuSeconds: limits.cpuSeconds ?? null,
    dataBytes: limits.maxMemoryBytes ?? null,
  };
  let leader = 0;
  let lastSeen = 0;
  const memo = foreignPidCache();
  const membershipOf = (pid: number): Membership => {
    if (pid === leader && group.isLeader(pid)) return readMembership(pid, null);
    if (memo.isForeign(pid)) return 'foreign';
    const is = readMembership(pid, cookie);
    if (is === 'foreign') memo.learn();
    return is;
  };
  return {
    level: 'cookie',
    detached: true,
    marks,
    wrap: (line) => execThrough(line, marks),
    started: (pid) => {
      leader = pid;
      group.started(pid);
    },
    leaderGone: () => {
      leader = 0;
      group.leaderGone();
    },
    isBusy: () => lastSeen !== 0 && membershipOf(lastSeen) === 'member',
    awaited: () => null,
    isReachable: () => true,
    scan: () => {
      const scan = scanMembers(membershipOf, () => {});
      lastSeen = scan.found.at(-1) ?? 0;
      if (scan.found.length > 0) return { living: scan.found.slice(0, MOST_LISTED).map(named), empty: false };
      const stray = group.isPeopled() ? group.scan().living : [];
      return { ...scan, living: stray, empty: scan.empty && stray.length === 0 };
    },
    isMarked: (pid) => membershipOf(pid) === 'member',
    terminateBelow: () => {
      scanMembers(membershipOf, (pid) => {
        // The leader may be the shell that waits for the process to be spared.
        if (pid === leader || readStat(pid)?.ppid === leader) return;
        sendSignal(pid, 'SIGTERM');
        sendSignal(pid, 'SIGCONT');
      });
    },
    terminate: () => {
      group.terminate();
      // A second SIGTERM means "now" to some programs, so members of the group get only the group's.
      scanMembers(membershipOf, (pid) => {
        if (readStat(pid)?.pgrp === group.id()) return;
        sendSignal(pid, 'SIGTERM');
        sendSignal(pid, 'SIGCONT');
      });
    },
    killAtOnce: group.kill,
    kill: () => {
      group.kill();
      lastSeen = scanMembers(membershipOf, (pid) => sendSignal(pid, 'SIGKILL')).found.at(-1) ?? 0;
    },
    close: async () => {
      open.delete(cookie);
    },
  };
}

const named = (pid: number): Leftover => ({ pid, comm: readStat(pid)?.comm ?? '' });

/** `cookie` null: the leader, which is ours before it could mark itself. */
function readMembership(pid: number, cookie: Cookie | null): Membership {
  if (pid < 2 || pid === process.pid) return 'foreign';
  if (cookie === null) return isAlive(readStat(pid)) ? 'member' : 'foreign';
  const limit = readLockLimit(pid);
  if (limit === 'blind') return 'blind';
  if (limit === 'absent' || !carries(limit, cookie)) return 'foreign';
  return isAlive(readStat(pid)) ? 'member' : 'foreign';
}
