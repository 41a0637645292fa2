/** Suggests the name that a mistyped one probably stands for. */
import { closest, distance } from 'fastest-levenshtein';

/** The candidate closest to the word by edit distance, the first of several; candidates must not be empty. */
export const closestMatch = (word: string, candidates: readonly string[]): string => closest(word, candidates);

/** The closest candidate that somebody can have meant: at most a third of the word, and two letters, differ. Null: none. */
export function likelyMatch(word: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0) return null;
  const match = closest(word, candidates);
  return distance(word, match) <= Math.max(2, word.length / 3) ? match : null;
}
