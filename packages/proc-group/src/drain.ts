/**
 * Reads what the pipes still hold after the command has ended. A pipe that an escaped process keeps open delays the
 * answer by `drainMs` of silence, and never by more than the cap.
 */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { Child } from './adapters/child.ts';

const CAP_MS = 1000;

export async function drain(child: Child, drainMs: number, lastChunkAt: () => number): Promise<void> {
  const started = performance.now();
  let open = true;
  const drained = child.drained.then(() => {
    open = false;
  });
  const cap = started + Math.max(CAP_MS, drainMs);
  while (open) {
    const quietUntil = Math.min(cap, Math.max(started, lastChunkAt()) + drainMs);
    const left = quietUntil - performance.now();
    if (left > 0) {
      await Promise.race([drained, delay(left)]);
      continue;
    }
    // A blocked event loop lets timers overtake waiting data: only silence after a full turn counts.
    const before = lastChunkAt();
    await turn();
    await turn();
    if (lastChunkAt() === before || performance.now() >= cap) break;
  }
  child.release();
}
