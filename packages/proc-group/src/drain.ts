/**
 * Reads what the pipes still hold after the command has ended. A pipe that an escaped process keeps open delays the
 * answer by `drainMs` of silence, and one that it goes on writing to by the cap; a listener that has not taken what it was given is
 * waited for until the run is asked to stop. What lies in a pipe is read, however late this process gets to it.
 */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { Child } from './adapters/child.ts';
import { monotonicMs } from './adapters/within.ts';

const CAP_MS = 1000;
const HELD_POLL_MS = 20;
/** More than two pipes hold as long as nobody makes them larger: what comes beyond it was written after the end. */
const PIPES_HOLD = 2 * 1024 * 1024;

export interface DrainedOutput {
  /** When the last chunk arrived or was taken, in `monotonicMs()` time. */
  readonly lastAt: () => number;
  /** True while the listener holds a stream back. */
  readonly isHeld: () => boolean;
  /** Bytes of both streams so far. */
  readonly bytes: () => number;
}

export async function drain(
  child: Pick<Child, 'drained' | 'release'>,
  drainMs: number,
  { lastAt, isHeld, bytes }: DrainedOutput,
): Promise<void> {
  const started = monotonicMs();
  const most = bytes() + PIPES_HOLD;
  let open = true;
  const drained = child.drained.then(() => {
    open = false;
  });
  let cap = started + Math.max(CAP_MS, drainMs);
  while (open) {
    if (isHeld()) {
      await Promise.race([drained, delay(HELD_POLL_MS)]);
      cap = monotonicMs() + Math.max(CAP_MS, drainMs);
      continue;
    }
    const quietUntil = Math.min(cap, Math.max(started, lastAt()) + drainMs);
    const left = quietUntil - monotonicMs();
    if (left > 0) {
      await Promise.race([drained, delay(left)]);
      continue;
    }
    // A blocked event loop lets timers overtake waiting data: only silence after a full turn counts.
    const before = lastAt();
    await turn();
    await turn();
    if (lastAt() === before || (monotonicMs() >= cap && bytes() > most)) break;
  }
  child.release();
}
