/** Reads again and again until something is there: the one loop of the demo that waits. */
import { setTimeout as pause } from 'node:timers/promises';

export interface PollLimits {
  /** Epoch ms. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly everyMs: number;
}

export type PollResult<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'late' }
  | { readonly kind: 'aborted' };

/** Reads at least once; null is nothing found yet. An abort wins over what was found. */
export async function poll<T>(
  { deadline, signal, everyMs }: PollLimits,
  read: () => Promise<T | null>,
): Promise<PollResult<T>> {
  for (;;) {
    const value = await read();
    if (signal.aborted) return { kind: 'aborted' };
    if (value !== null) return { kind: 'found', value };
    if (Date.now() > deadline) return { kind: 'late' };
    await pause(everyMs);
  }
}
