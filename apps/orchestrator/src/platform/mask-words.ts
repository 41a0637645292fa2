/**
 * Answers, streams and log lines leave with every secret in their words masked, whatever they quote: a branch or a title may be named
 * by a token. A word is searched once and remembered, so that what is shown often costs no search. Secrets that only the words
 * around them betray are masked where people write them (`maskText`).
 */
import { maskTexts, WITHHELD } from './mask-text.ts';

/** Long enough for a secret. An escape of JSON before it is none of it. */
const WORD = /\\u[\da-f]{4}|\\.|[\w+/=.~%:@-]{16,}/gi;
/** No secret by itself: the number of a commit, a time, digits, an escape, small letters alone. */
const PLAIN = /^(?:[\da-f]{16,64}|\d{4}-\d\d-\d\dT[\d:.]+Z|[\d.:-]+|[a-z_/-]+|\\.*)$/;
/** So many words are remembered, the last that were new. */
export const REMEMBERED = 20_000;
const LONGEST = 1000;

const known = new Map<string, string>();

/** The text with every secret in it masked; words that cannot be searched are withheld. */
export async function maskWords(text: string): Promise<string> {
  const words = wordsOf(text);
  const unknown = words.filter((word) => !known.has(word));
  const found = unknown.length === 0 ? [] : await maskTexts(unknown);
  const fresh = new Map(unknown.map((word, at) => [word, found[at] ?? WITHHELD]));
  const masked = replaced(text, words, (word) => fresh.get(word) ?? known.get(word) ?? WITHHELD);
  for (const [word, shown] of fresh) if (shown !== WITHHELD && word.length <= LONGEST) known.set(word, shown);
  for (const eldest of known.keys()) if (known.size > REMEMBERED) known.delete(eldest);
  return masked;
}

/** The same at once; null: there is a word in it that was not searched yet. */
export function maskKnown(text: string): string | null {
  const words = wordsOf(text);
  return words.every((word) => known.has(word)) ? replaced(text, words, (word) => known.get(word) ?? WITHHELD) : null;
}

const wordsOf = (text: string): readonly string[] => [
  ...new Set((text.match(WORD) ?? []).filter((word) => !PLAIN.test(word))),
];

function replaced(text: string, words: readonly string[], shownAs: (word: string) => string): string {
  const changed = words.filter((word) => shownAs(word) !== word);
  return changed.length === 0 ? text : text.replaceAll(WORD, (word) => (changed.includes(word) ? shownAs(word) : word));
}
