/** A wait with a limit. */
import { setImmediate as turn } from 'node:timers/promises';

/**
 * What `promise` settles to, or `late` when it does not within `ms`. This process may have stood still meanwhile: time is up only when
 * what lay in the kernel by then was looked at. Keeps the process alive until it settles.
 */
export function within<Value, Late>(promise: Promise<Value>, ms: number, late: Late): Promise<Value | Late> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(async () => {
      await turn();
      await turn();
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
