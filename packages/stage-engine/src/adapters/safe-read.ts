/**
 * The one catch of the package: a foreign value may throw when it is merely read (a getter, a proxy), and then
 * it is as good as absent. Only reading happens inside; a bug of the reducer is not swallowed here.
 */
export function readForeign<Value>(read: () => Value | null): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
