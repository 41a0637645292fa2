/** The one way in which joining text can fail: the result would be longer than a string may be. */

/** What `join` makes, or `fallback` when it would be too long. */
export function joined(join: () => string, fallback: string): string {
  try {
    return join();
  } catch (error) {
    if (error instanceof RangeError) return fallback;
    throw error;
  }
}
