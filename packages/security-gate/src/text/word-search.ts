/**
 * Where many words stand in a text, in one pass over it. A 64 Ki-entry filter on the first four units of each word turns away nearly
 * every position; where it does not, one look-up for each length of the words that begin so finds them all, however many they are.
 */
export class WordSearch {
  readonly #filter = new Uint8Array(65_536);
  /** By the slot of their beginning, then by their length. */
  readonly #words = new Map<number, Map<number, Set<string>>>();

  /** Words shorter than `SHORTEST` are not searched. */
  constructor(words: Iterable<string>) {
    for (const word of words) if (word.length >= SHORTEST) this.#add(word);
  }

  #add(word: string): void {
    let mixed = 0;
    for (let at = 0; at < SHORTEST; at += 1) mixed = mix(mixed, word.charCodeAt(at));
    const place = slot(mixed);
    this.#filter[place] = 1;
    const byLength = this.#words.get(place) ?? new Map<number, Set<string>>();
    this.#words.set(place, byLength);
    byLength.set(word.length, (byLength.get(word.length) ?? new Set()).add(word));
  }

  /** Calls `found` for every place where a word begins. */
  scan(text: string, found: (word: string, at: number) => void): void {
    let mixed = 0;
    for (let end = 0; end < text.length; end += 1) {
      mixed = mix(mixed, text.charCodeAt(end));
      const place = slot(mixed);
      if (this.#filter[place] === 0 || end < SHORTEST - 1) continue;
      const at = end - SHORTEST + 1;
      for (const [length, words] of this.#words.get(place) ?? []) {
        const word = text.slice(at, at + length);
        if (words.has(word)) found(word, at);
      }
    }
  }
}

/** Units that a word has at least. */
export const SHORTEST = 4;
/** Of the last four units alone: what came before is shifted out. */
const mix = (mixed: number, unit: number): number => ((mixed << 8) ^ unit) >>> 0;
const slot = (mixed: number): number => (Math.imul(mixed, 0x9e3779b1) >>> 16) & 0xffff;
