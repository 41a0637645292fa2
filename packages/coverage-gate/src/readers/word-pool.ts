/**
 * Words for bitsets. A report has two sets for each of its files; an allocation for each of them, and again as it grows, costs more than
 * reading its lines. What is handed out is zero, and a power of two long.
 */

/** 256 KiB: what a whole small report takes at once. */
const SLAB_WORDS = 2 ** 16;
/** A longer one has memory of its own. */
const MAX_SHARED_WORDS = SLAB_WORDS / 8;

export class WordPool {
  #slab = new Uint32Array(0);
  #used = 0;
  /** Given back, by their length. */
  readonly #free = new Map<number, Uint32Array[]>();

  take(words: number): Uint32Array {
    if (words > MAX_SHARED_WORDS) return new Uint32Array(words);
    const known = this.#free.get(words)?.pop();
    if (known !== undefined) return known.fill(0);
    if (this.#used + words > this.#slab.length) {
      this.#slab = new Uint32Array(SLAB_WORDS);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += words;
    return this.#slab.subarray(from, this.#used);
  }

  /** Nobody else may hold them. */
  giveBack(words: Uint32Array): void {
    if (words.length > MAX_SHARED_WORDS) return;
    const known = this.#free.get(words.length);
    if (known === undefined) this.#free.set(words.length, [words]);
    else known.push(words);
  }
}
