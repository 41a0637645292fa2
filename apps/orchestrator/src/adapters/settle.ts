/** Waits for promises that may reject, where a rejection must neither end the process nor stop its siblings. */
import { types } from 'node:util';

export async function settleAll(promises: readonly Promise<unknown>[]): Promise<readonly (Error | undefined)[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => {
    if (one.status === 'fulfilled') return undefined;
    return types.isNativeError(one.reason) ? one.reason : new Error('something that is no error was thrown');
  });
}
