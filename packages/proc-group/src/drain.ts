/**
 * Reads what the pipes still hold after the command has ended. A pipe that an escaped process keeps open delays the
 * answer by `drainMs` of silence, and never by more than the cap; a listener that has not taken what it was given is waited
 * for until the run is asked to stop.
 */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { Child } from './adapters/child.ts';

const CAP_MS = 1000;
const HELD_POLL_MS = 20;

export interface DrainedOutput {
  /** When the last chunk arrived or was taken, in `performance.now()` time. */
  readonly lastAt: () => number;
  /** True while the listener holds a stream back. */
  readonly isHeld: () => boolean;
}

export async function drain(child: Child, drainMs: number, { lastAt, isHeld }: DrainedOutput): Promise<void> {
  const started = performance.now();
  let open = true;
  const drained = child.drained.then(() => {
    open = false;
  });
  let cap = started + Math.max(CAP_MS, drainMs);
  while (open) {
    if (isHeld()) {
      await Promise.race([drained, delay(HELD_POLL_MS)]);
      cap = performance.now() + Math.max(CAP_MS, drainMs);
      continue;
    }
    const quietUntil = Math.min(cap, Math.max(started, lastAt()) + drainMs);
    const left = quietUntil - performance.now();
    if (left > 0) {
      await Promise.race([drained, delay(left)]);
      continue;
    }
    // A blocked event loop lets timers overtake waiting data: only silence after a full turn counts.
    const before = lastAt();
    await turn();
    await turn();
    if (lastAt() === before || performance.now() >= cap) break;
  }
  child.release();
}
