/**
 * Any level with a keeper: a process that took its mark off and left its cgroup is still a descendant of the keeper, so
 * that it is found and ended, and the keeper's word that it has no child left is the proof.
 */
import type { Kept } from '../adapters/keeper.ts';
import { sendSignal } from '../adapters/process-signal.ts';
import { isAlive, readStat } from '../adapters/procfs.ts';
import { descendants } from '../adapters/tree.ts';
import type { Leftover } from '../verdict.ts';
import type { ContainmentMechanism, Scan } from './containment.ts';
import type { CookieContainment } from './cookie.ts';
import { MOST_LISTED } from './group.ts';

const EMPTY: Scan = { living: [], empty: true };
const LOST = 'the process that keeps the run was killed, so an orphan that took its mark off would not be seen';

/** `inner` must not be started yet. */
export function keptContainment(inner: CookieContainment, kept: Kept): ContainmentMechanism {
  let asked = false;
  return {
    ...inner,
    wrap: (line) => kept.wrap(inner.wrap(line)),
    isBusy: () => (kept.state() === 'lost' ? inner.isBusy() : kept.state() === 'holding'),
    awaited: () => (kept.state() === 'holding' ? kept.settled : null),
    scan: () => {
      if (kept.state() === 'empty') return EMPTY;
      const marked = inner.scan();
      if (marked.living.length > 0) return { ...marked, empty: false };
      if (kept.state() === 'lost') return unproved(marked, LOST);
      return { living: straysOf(kept), empty: false };
    },
    terminate: () => {
      inner.terminate();
      for (const { pid } of straysOf(kept)) {
        if (inner.isMarked(pid)) continue;
        sendSignal(pid, 'SIGTERM');
        sendSignal(pid, 'SIGCONT');
      }
    },
    kill: () => {
      if (kept.state() === 'empty') return;
      if (asked || kept.state() === 'lost') inner.kill();
      else inner.killAtOnce();
      asked = true;
      kept.kill();
    },
    close: async () => {
      await kept.release();
      await inner.close();
    },
  };
}

/** That no mark was seen proves nothing, and the next scan would show no more. */
const unproved = (scan: Scan, unproven: string): Scan =>
  scan.empty ? { living: [], empty: false, isFinal: true, unproven } : { ...scan, unproven };

/** Every descendant that is alive, marked or not. */
const straysOf = (kept: Kept): readonly Leftover[] =>
  kept.state() === 'holding' && kept.pid() > 1
    ? descendants(kept.pid())
        .map(({ pid }) => readStat(pid))
        .filter(isAlive)
        .slice(0, MOST_LISTED)
        .map(({ pid, comm }) => ({ pid, comm }))
    : [];
