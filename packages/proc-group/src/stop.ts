/**
 * The stop sequence: TERM + CONT, a grace for every process, KILL, proof. The same for every level and every reason.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './adapters/child.ts';
import { monotonicMs } from './adapters/within.ts';
import type { ContainmentMechanism, Scan } from './containment/containment.ts';
import { killUntilEmpty, proveEmpty } from './prove-empty.ts';

/** After the kill a process can only be in uninterruptible sleep; it is reported, not waited for. */
const KILL_CAP_MS = 1500;
const SHORTEST_POLL_MS = 2;
const LONGEST_POLL_MS = 50;

export interface Stopped {
  readonly last: Scan;
  readonly escalated: 'none' | 'term' | 'kill';
  readonly killToQuietMs?: number;
}

/** Ends every process that `mechanism` holds. `hurry` cuts the grace short once it answers true. */
export async function stopAll(
  mechanism: ContainmentMechanism,
  child: Child,
  grace: { readonly ms: number; readonly hurry: () => boolean },
): Promise<Stopped> {
  if (grace.ms > 0) {
    const until = monotonicMs() + grace.ms;
    const isOver = (): boolean => monotonicMs() >= until || grace.hurry();
    await untilBegun(mechanism, child, isOver);
    mechanism.terminate();
    for (let poll = SHORTEST_POLL_MS; !isOver(); ) {
      await pause(child, Math.min(poll, Math.max(1, until - monotonicMs())));
      poll = Math.min(poll * 1.5, LONGEST_POLL_MS);
      if (child.exit() === null || mechanism.isBusy() || mechanism.scan().living.length > 0) continue;
      const last = await proveEmpty(mechanism);
      if (last.living.length === 0) return { last, escalated: 'term' };
    }
  }
  const killed = monotonicMs();
  const last = await killUntilEmpty(mechanism, KILL_CAP_MS);
  return { last, escalated: 'kill', killToQuietMs: monotonicMs() - killed };
}

/** What a shell or an init on the way got earlier would not reach the command. */
async function untilBegun(mechanism: ContainmentMechanism, child: Child, isOver: () => boolean): Promise<void> {
  let begun = false;
  const begin = child.begun.then(() => {
    begun = true;
  });
  do await Promise.race([begin, pause(child, SHORTEST_POLL_MS)]);
  while (child.exit() === null && !isOver() && !(begun && mechanism.isReachable()));
}

const pause = (child: Child, ms: number): Promise<unknown> =>
  child.exit() === null ? Promise.race([child.exited, delay(ms)]) : delay(ms);
