/**
 * Level `plain`: a bare spawn, for Windows and for the kill-switch. Reaches the direct child and, as far as parent
 * links still show them, its descendants. Proves nothing.
 */
import { sendSignal } from '../adapters/process-signal.ts';
import { readStat } from '../adapters/procfs.ts';
import { killTree } from '../adapters/tree.ts';
import type { ContainmentMechanism } from './containment.ts';

const unproven = 'only the command itself is followed at level plain';

export function plainContainment(): ContainmentMechanism {
  let leader = 0;
  /** Null where there is no /proc to expose a foreign process that got the number later. */
  let start: string | null = null;
  let reaped = false;
  const isThere = (): boolean =>
    !reaped && leader > 1 && (start === null ? sendSignal(leader, 0) !== 'gone' : readStat(leader)?.start === start);
  const signalTree = (signal: NodeJS.Signals): void => {
    if (isThere()) killTree(leader, signal);
  };
  return {
    level: 'plain',
    detached: false,
    wrap: (line) => line,
    started: (pid) => {
      leader = pid;
      start = readStat(pid)?.start ?? null;
    },
    leaderGone: () => {
      reaped = true;
    },
    isBusy: isThere,
    awaited: () => null,
    isReachable: () => true,
    scan: () => ({ living: isThere() ? [{ pid: leader, comm: '' }] : [], empty: false, isFinal: true, unproven }),
    terminate: () => signalTree('SIGTERM'),
    kill: () => signalTree('SIGKILL'),
    close: async () => {},
  };
}
