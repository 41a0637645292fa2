/** A wait with a limit, and the clock that limits are told by. */
import { setImmediate as turn } from 'node:timers/promises';

/** Turns of the event loop in which a word is read to its end, and an end is taken up. */
const TURNS = 10;

/** What lies in the kernel is taken up. A process that stood still is told by its timers first, and by what happened meanwhile last. */
export async function catchUp(): Promise<void> {
  for (let turns = 0; turns < TURNS; turns += 1) await turn();
}

/**
 * What `promise` settles to, or `late` when it does not within `ms`. This process may have stood still meanwhile: time is up only when
 * what lay in the kernel by then was looked at. Keeps the process alive until it settles.
 */
export function within<Value, Late>(promise: Promise<Value>, ms: number, late: Late): Promise<Value | Late> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(async () => {
      await catchUp();
      resolve(late);
    }, ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** Milliseconds of a clock that only runs forward. `performance.now()` is the same, and loads ten modules of Node's at its first call. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
