/**
 * Level `kernel`: a cgroup v2 leaf. One write kills every process in it, forks included, and the kernel itself says
 * when it is empty. The mark of level `cookie` is carried as well and finds a process that was allowed to leave the
 * leaf.
 */
import { isPopulated, killLeaf, leafMembers, removeLeaf } from '../adapters/cgroup.ts';
import { sendSignal } from '../adapters/process-signal.ts';
import { readStat } from '../adapters/procfs.ts';
import type { CookieContainment } from './cookie.ts';
import { MOST_LISTED } from './group.ts';

/** `inner` must have been made with the same leaf. */
export function kernelContainment(inner: CookieContainment, leaf: string): CookieContainment {
  /** True once a process with the mark was found while the leaf was empty. */
  let strayed = false;
  let kills = 0;
  return {
    ...inner,
    level: 'kernel',
    isBusy: () => isPopulated(leaf) || (strayed && inner.isBusy()),
    scan: () => {
      if (!isPopulated(leaf)) {
        const strays = inner.scan();
        strayed = strays.living.length > 0;
        return strays;
      }
      const living = leafMembers(leaf).slice(0, MOST_LISTED);
      return { living: living.map((pid) => ({ pid, comm: readStat(pid)?.comm ?? '' })), empty: false };
    },
    terminate: () => {
      inner.terminate();
      // Members that changed their mark; a pid read from the leaf a moment ago is signalled only if it still is in it.
      for (const pid of leafMembers(leaf)) if (!inner.isMarked(pid)) signalMember(leaf, pid);
    },
    killAtOnce: () => void killLeaf(leaf),
    kill: () => {
      killLeaf(leaf);
      kills += 1;
      // A leaf that one write did not empty must not keep strays waiting.
      if (strayed || (kills > 1 && isPopulated(leaf))) inner.kill();
    },
    close: async () => {
      removeLeaf(leaf);
      await inner.close();
    },
  };
}

function signalMember(leaf: string, pid: number): void {
  if (!leafMembers(leaf).includes(pid)) return;
  sendSignal(pid, 'SIGTERM');
  sendSignal(pid, 'SIGCONT');
}
