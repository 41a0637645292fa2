/** Calls into code that is not ours from inside an event, where a throw or a lost rejection would end the process. */

/**
 * Calls `listener`; whatever it throws, or its promise rejects with, goes to `broken` instead. A promise to await when it
 * gave one, else null. Never rejects.
 */
export function callListener(listener: () => unknown, broken: (error: unknown) => void): Promise<void> | null {
  try {
    const answer = listener();
    return answer === undefined ? null : Promise.resolve(answer).then(() => {}, broken);
  } catch (error) {
    broken(error);
    return null;
  }
}
