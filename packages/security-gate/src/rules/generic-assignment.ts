/**
 * A value that only its name gives away: `db_password = "…"`. A match needs a telling key name, a literal of some
 * length and enough disorder in it; names of variables, placeholders, templates, paths and plain words are not secrets.
 */
import type { Rule } from './own-rules.ts';

const NAME =
  '[\\w.-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret(?!ar)|token(?!i[sz])|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)[\\w-]{0,24}';
const VALUE =
  '(?:"(?<quoted>[^\\s"\\\\]{10,150})"|\'(?<single>[^\\s\'\\\\]{10,150})\'|(?<bare>[A-Za-z0-9+/_=~@!#%^*-]{14,150})(?![\\w.(\\[{+/=~-]))';

const PLACEHOLDER =
  /example|sample|placeholder|change.?me|change.?it|your[_-]|dummy|redacted|\$\{|\{\{|^<|>$|^%|^\$|\.\.\.|xxxx|\*\*\*|0000000|1234567890|process\.env|os\.environ|^(?:file|https?|env|vault|ref|secret|arn|urn|npm|node|github|workspace):/i;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Words joined by `.`, `-`, `_`, `/` or a change of case, perhaps numbered: a name, not a value. */
const WORDS = /^[A-Z]?(?:[a-z]{2,}|[A-Z]{2,})(?:[-_./:]?(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|v?[0-9]{1,4}))*$/;

/** Shannon entropy in bits per character; C. E. Shannon, "A Mathematical Theory of Communication", 1948. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** True for a literal that seems drawn at random or typed as a password. */
export function looksSecret(value: string, quoted: boolean): boolean {
  if (PLACEHOLDER.test(value) || UUID.test(value) || WORDS.test(value)) return false;
  if (/^[./~@]|[({[]/.test(value)) return false; // a path, a scope or an expression
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  if (kinds < 2 || !/[0-9]/.test(value)) return false;
  return entropy(value) >= (quoted ? 3 : 3.5);
}

export const GENERIC_ASSIGNMENT: Rule = {
  id: 'secret/generic-assignment',
  hints: [],
  pattern: new RegExp(`(?<![\\w])${NAME}["']?\\]?\\s{0,4}(?:=>|:=|[:=])\\s{0,4}${VALUE}`, 'gi'),
};
