/** Waits for promises that may reject, where a rejection must neither end the process nor stop its siblings. */
import { types } from 'node:util';

/** What the promise rejected with; undefined: it was fulfilled. Never rejects. */
export async function errorOf(promise: Promise<unknown>): Promise<Error | undefined> {
  try {
    await promise;
    return undefined;
  } catch (thrown) {
    return asError(thrown);
  }
}

const asError = (thrown: unknown): Error =>
  types.isNativeError(thrown) ? thrown : new Error('something that is no error was thrown');

export const errorsOf = (promises: readonly Promise<unknown>[]): Promise<readonly (Error | undefined)[]> =>
  Promise.all(promises.map(errorOf));

/** What the work came to, or what it threw. Never rejects. */
export async function outcomeOf<Value>(
  work: () => Value | Promise<Value>,
): Promise<{ readonly kind: 'value'; readonly value: Value } | { readonly kind: 'error'; readonly error: Error }> {
  try {
    return { kind: 'value', value: await work() };
  } catch (thrown) {
    return { kind: 'error', error: asError(thrown) };
  }
}
