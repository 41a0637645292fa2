/**
 * Level `group`: the command leads a process group, and the group is signalled as one. Atomic and cheap, but a process
 * that calls setsid or setpgid leaves, so this level never claims that emptiness was proved.
 */
import { sendSignal } from '../adapters/process-signal.ts';
import { isAlive, listPids, readStat } from '../adapters/procfs.ts';
import { noteOwn } from '../own-processes.ts';
import type { Leftover } from '../verdict.ts';
import type { ContainmentMechanism, Scan } from './containment.ts';

export const MOST_LISTED = 64;

const unproven = 'a process that left the process group is not seen at level group';
const UNSEEN: Scan = { living: [], empty: false, isFinal: true, unproven };

export interface GroupContainment extends ContainmentMechanism {
  /** True if the group still has a member, dead or alive. */
  readonly isPeopled: () => boolean;
  /** The group's number; 0 before the start. */
  readonly id: () => number;
  /** True if `pid` is the leader we started and not a process that got its number later. */
  readonly isLeader: (pid: number) => boolean;
}

export function groupContainment(): GroupContainment {
  let group = 0;
  /** Null where there is no /proc to name the leader for good, or no leader any more. */
  let start: string | null = null;
  let reaped = false;
  let forget = (): void => {};
  /**
   * The number is ours while the leader we started carries it, and after that as long as no new process does: the
   * kernel reuses none that still names a group. The start time exposes a foreign process even before we hear that ours
   * was reaped.
   */
  const isOurs = (): boolean => {
    if (group < 2) return false;
    if (!reaped && start === null) return true;
    if (!reaped && readStat(group)?.start === start) return true;
    return sendSignal(group, 0) === 'gone';
  };
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (isOurs()) sendSignal(-group, signal);
  };
  // An empty group is asked about once: it is nobody's, and each answer of "gone" costs an error.
  const isPeopled = (): boolean => group > 1 && sendSignal(-group, 0) !== 'gone' && isOurs();
  return {
    level: 'group',
    detached: true,
    wrap: (line) => line,
    started: (pid) => {
      group = pid;
      start = readStat(pid)?.start ?? null;
      forget = noteOwn(pid);
    },
    leaderGone: () => {
      reaped = true;
      forget();
    },
    isPeopled,
    id: () => group,
    isLeader: (pid) => pid === group && !reaped && (start === null || readStat(pid)?.start === start),
    isBusy: () => false,
    awaited: () => null,
    isReachable: () => true,
    scan: () => (isPeopled() ? scanGroup(group) : UNSEEN),
    terminate: () => {
      signalGroup('SIGTERM');
      signalGroup('SIGCONT');
    },
    kill: () => signalGroup('SIGKILL'),
    close: async () => {},
  };
}

/** Zombies answer signal 0 too, so /proc separates them where there is one. */
function scanGroup(group: number): Scan {
  const pids = listPids();
  if (pids === null) return { ...UNSEEN, living: [{ pid: group, comm: '' }], unsure: true };
  const living: Leftover[] = [];
  for (const pid of pids) {
    const stat = pid < 2 ? null : readStat(pid);
    if (isAlive(stat) && stat.pgrp === group) living.push({ pid, comm: stat.comm });
    if (living.length === MOST_LISTED) break;
  }
  return { ...UNSEEN, living };
}
