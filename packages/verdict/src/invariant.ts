/**
 * Asserts what the program itself guarantees; the only place where Gatehouse throws.
 * A failure is a bug of ours: the nearest `neverRaise` turns it into `crashed`.
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`);
}
