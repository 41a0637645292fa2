/** What is read from a row is never written to, so rows with the same short text share it: most are read several times. */

/** Two MiB at most: a task's state is about a kilobyte; findings and coverage by file may be a thousand times that. */
const KEPT = { texts: 256, length: 4_096 };
const parsed = new Map<string, unknown>();

/** The value of a JSON text; short texts are parsed once. */
export function parseShared(text: string): unknown {
  if (text.length > KEPT.length) return JSON.parse(text);
  const known = parsed.get(text);
  if (known !== undefined) return known;
  if (parsed.size >= KEPT.texts) parsed.clear();
  const value: unknown = JSON.parse(text);
  parsed.set(text, value);
  return value;
}
