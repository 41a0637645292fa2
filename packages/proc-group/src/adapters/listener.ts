/** Calls into code that is not ours from inside an event, where a throw or a lost rejection would end the process. */

/** Calls `listener`; whatever it throws, or its promise rejects with, goes to `broken` instead. */
export function callListener(listener: () => unknown, broken: (error: unknown) => void): void {
  try {
    // An async listener is not awaited, but its rejection is not lost either.
    Promise.resolve(listener()).then(undefined, broken);
  } catch (error) {
    broken(error);
  }
}
