/**
 * The one way to write a document: `---`, one `key: value` a line, `---`, body. The front is pure ASCII, so nothing
 * in it can read as something it is not, and every YAML reader sees the same values. Why the reader compares
 * bytes with this writer: README, "One spelling".
 */
import type { Malformed, Scalar } from './outcome.ts';

/** Bytes of front matter, without the two fences. */
export const FRONT_LIMIT_BYTES = 8192;

export const FENCE = '---\n';

const KEY = /^[a-z][a-z0-9_]{0,63}$/;
const PLAIN_WORD = /^[A-Za-z][A-Za-z_-]*$/;
/** Words some YAML version reads as a truth value or as null. */
const YAML_WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Why `key` cannot stand in a front, or null. */
export function keyFault(key: string): string | null {
  if (!KEY.test(key)) return 'a key must be 1 to 64 of a-z, 0-9 and _, a letter first';
  return YAML_WORDS.test(key) ? `${key} is not a word in every YAML` : null;
}

/** The single spelling of a value, or null when it has none (a fraction, a lone surrogate, an object). */
export function spell(value: unknown): string | null {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : null;
  if (typeof value !== 'string' || value.length > FRONT_LIMIT_BYTES || !value.isWellFormed()) return null;
  return PLAIN_WORD.test(value) && !YAML_WORDS.test(value) ? value : quote(value);
}

/** A double-quoted YAML scalar of printable ASCII. Astral characters take YAML's eight digits, not JSON's pairs. */
function quote(text: string): string {
  const escaped = text.replace(/["\\]|[^\x20-\x7e]/gu, (char) => {
    if (char === '"' || char === '\\') return `\\${char}`;
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** The front between its fences, in the order of the entries. */
export function renderFront(
  entries: readonly (readonly [string, Scalar])[],
): { kind: 'rendered'; text: string } | Malformed {
  if (entries.length === 0) return { kind: 'malformed', reason: 'a front without a key says nothing' };
  const lines: string[] = [];
  for (const [key, value] of entries) {
    const fault = keyFault(key);
    if (fault !== null) return { kind: 'malformed', reason: fault };
    const spelled = spell(value);
    if (spelled === null) return { kind: 'malformed', reason: `the value of ${key} has no canonical spelling` };
    lines.push(`${key}: ${spelled}\n`);
  }
  const text = lines.join('');
  if (text.length > FRONT_LIMIT_BYTES)
    return { kind: 'malformed', reason: `the front is longer than ${FRONT_LIMIT_BYTES} bytes` };
  return { kind: 'rendered', text };
}
