/** Which of many secrets stand in texts, by their bytes. */
import { WordSearch } from '../text/word-search.ts';

export class KnownSearch {
  readonly #search: WordSearch;
  readonly #keys = new Map<string, string>();
  readonly found: Set<string> = new Set();

  /** Secrets shorter than four bytes are never searched: they prove nothing. */
  constructor(secrets: ReadonlyMap<string, string>) {
    for (const [key, secret] of secrets) this.#keys.set(Buffer.from(secret, 'utf8').toString('latin1'), key);
    this.#search = new WordSearch(this.#keys.keys());
  }

  /** Adds to `found` the keys of all secrets that stand in `text`. */
  scan(text: Buffer): void {
    this.#search.scan(text.toString('latin1'), (word) => this.found.add(this.#keys.get(word) ?? ''));
  }
}
