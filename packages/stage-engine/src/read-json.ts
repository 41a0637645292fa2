/** Small readers of untrusted JSON. Each answers a bounded plain value, or null for anything else. */
export type Json = { readonly [Key in string]?: unknown };

export function readRecord(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export const TEXT_LIMIT = 8192;

/** Bounded, because reasons come from tools and end in rows. What is cut is said, and no character is cut in half. */
export function readText(value: unknown): string | null {
  if (typeof value !== 'string' || value.length <= TEXT_LIMIT) return typeof value === 'string' ? value : null;
  const kept = value.slice(0, TEXT_LIMIT - CUT_WORDS);
  const line = kept.lastIndexOf('\n');
  const shown = (line > kept.length / 2 ? kept.slice(0, line) : kept).replace(/[\ud800-\udbff]$/, '');
  return `${shown}\n(… ${value.length - shown.length} characters more)`;
}

/** Room for the words about what was cut. */
const CUT_WORDS = 64;

/** A whole number of at least 0: a time, a count. JSON knows no -0, so it is 0 here as well. */
export function readWhole(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? Math.abs(value) : null;
}

/** One of the names of a table. */
export function readName<Name extends string>(value: unknown, names: readonly Name[]): Name | null {
  return names.find((name) => name === value) ?? null;
}

/** The names of a table, typed. */
export function namesOf<Name extends string>(table: { readonly [Key in Name]: unknown }): readonly Name[] {
  return Object.keys(table) as Name[];
}
