/**
 * Words for bitsets. A report has two sets for each of its files; an allocation for each of them, and again as it grows, costs more than
 * reading its lines. What is handed out is zero.
 */

/** 256 KiB: what a whole small report takes at once. */
const SLAB_WORDS = 2 ** 16;
/** A longer one has memory of its own. */
const MAX_SHARED_WORDS = SLAB_WORDS / 8;

export class WordPool {
  /** Of the words that were reserved last. */
  memory: Uint32Array = new Uint32Array(0);
  #slab = this.memory;
  #used = SLAB_WORDS;
  /** Given back, by their length. */
  readonly #free = new Map<number, Uint32Array[]>();

  take(words: number): Uint32Array {
    const known = this.#free.get(words)?.pop();
    if (known !== undefined) return known.fill(0);
    const from = this.reserve(words);
    return this.memory.subarray(from, from + words);
  }

  /** Zeros behind each other that nobody else is given: answers where they begin in `memory`. */
  reserve(words: number): number {
    if (words > MAX_SHARED_WORDS) {
      this.memory = new Uint32Array(words);
      return 0;
    }
    if (this.#used + words > SLAB_WORDS) {
      this.#slab = new Uint32Array(SLAB_WORDS);
      this.#used = 0;
    }
    this.memory = this.#slab;
    const from = this.#used;
    this.#used += words;
    return from;
  }

  /** Nobody else may hold them. */
  giveBack(words: Uint32Array): void {
    if (words.length > MAX_SHARED_WORDS) return;
    const known = this.#free.get(words.length);
    if (known === undefined) this.#free.set(words.length, [words]);
    else known.push(words);
  }
}

/** Population count of 32 bits by parallel sums. */
export function bitsOf(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
