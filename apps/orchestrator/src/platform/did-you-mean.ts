/** Suggests the name that a mistyped one probably stands for. */
import { closest } from 'fastest-levenshtein';

/** The candidate closest to the word by edit distance, the first of several; candidates must not be empty. */
export const closestMatch = (word: string, candidates: readonly string[]): string => closest(word, candidates);
