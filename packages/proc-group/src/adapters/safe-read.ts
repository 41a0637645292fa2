/** Reading a property of a foreign value may run foreign code. */

/** The named properties, or undefined for each that is missing or cannot be read. */
export function readForeign<Name extends string>(
  value: unknown,
  names: readonly Name[],
): { readonly [N in Name]?: unknown } {
  const read: { [N in Name]?: unknown } = {};
  if (typeof value !== 'object' || value === null) return read;
  for (const name of names) {
    try {
      read[name] = (value as Readonly<Record<string, unknown>>)[name];
    } catch {
      read[name] = undefined;
    }
  }
  return read;
}
