/**
 * Level `group`: the command leads a process group, and the group is signalled as one. Atomic and cheap, but a process
 * that calls setsid or setpgid leaves, so this level never claims that emptiness was proved.
 */
import { sendSignal } from './adapters/process-signal.ts';
import { isAlive, listPids, readStat } from './adapters/procfs.ts';
import type { Enclosure } from './enclosure.ts';
import type { Leftover } from './verdict.ts';

export const MOST_LISTED = 64;

export interface GroupEnclosure extends Enclosure {
  /** True if the group still has a member, dead or alive. */
  readonly isPeopled: () => boolean;
  /** The group's number; 0 before the start. */
  readonly id: () => number;
}

export function groupEnclosure(): GroupEnclosure {
  let group = 0;
  let reaped = false;
  /** A reaped leader's number is ours as long as nobody new carries it: the kernel reuses none that still names a group. */
  const isOurs = (): boolean => group > 1 && (!reaped || sendSignal(group, 0) === 'gone');
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (isOurs()) sendSignal(-group, signal);
  };
  const isPeopled = (): boolean => isOurs() && sendSignal(-group, 0) !== 'gone';
  return {
    level: 'group',
    detached: true,
    wrap: (line) => line,
    started: (pid) => {
      group = pid;
    },
    leaderGone: () => {
      reaped = true;
    },
    isPeopled,
    id: () => group,
    look: () => ({ living: isPeopled() ? livingInGroup(group) : [], empty: false }),
    terminate: () => {
      signalGroup('SIGTERM');
      signalGroup('SIGCONT');
    },
    kill: () => signalGroup('SIGKILL'),
    close: async () => {},
  };
}

/** Zombies answer signal 0 too, so where /proc can tell them apart, it does. */
function livingInGroup(group: number): readonly Leftover[] {
  const pids = listPids();
  if (pids === null) return [{ pid: group, comm: '' }];
  const found: Leftover[] = [];
  for (const pid of pids) {
    const stat = pid < 2 ? null : readStat(pid);
    if (isAlive(stat) && stat.pgrp === group) found.push({ pid, comm: stat.comm });
    if (found.length === MOST_LISTED) break;
  }
  return found;
}
