/**
 * The lines of one file among those of many, in memory that other files share: how many words a set has, the covered and the total lines,
 * the words of `seen`, those of `hit`. They become arrays only where somebody asks for single lines: two arrays a file weigh more than the
 * words in them, and most files are only counted.
 */
import type { LineSet } from './report-lines.ts';
import { bitsOf, type WordPool } from './word-pool.ts';

const COVERED = 1;
const TOTAL = 2;
const HEAD = 3;

export class KeptLines implements LineSet {
  readonly #memory: Uint32Array;
  readonly #from: number;
  /** From the first look on, this is where the lines are. */
  #arrays: LineSet | null = null;

  /** Takes the first `words` of both sets over. */
  constructor({ seen, hit }: LineSet, words: number, pool: WordPool) {
    const from = pool.reserve(HEAD + 2 * words);
    const { memory } = pool;
    const first = from + HEAD;
    let total = 0;
    let covered = 0;
    for (let word = 0; word < words; word++) {
      const all = seen[word] as number;
      const ran = hit[word] as number;
      memory[first + word] = all;
      memory[first + words + word] = ran;
      total += bitsOf(all);
      covered += bitsOf(ran);
    }
    memory[from] = words;
    memory[from + COVERED] = covered;
    memory[from + TOTAL] = total;
    this.#memory = memory;
    this.#from = from;
  }

  get seen(): Uint32Array {
    return this.#asArrays().seen;
  }

  set seen(bits: Uint32Array) {
    this.#asArrays().seen = bits;
  }

  get hit(): Uint32Array {
    return this.#asArrays().hit;
  }

  set hit(bits: Uint32Array) {
    this.#asArrays().hit = bits;
  }

  /** Covered and total lines; null where somebody may have marked others since. */
  get counts(): { readonly covered: number; readonly total: number } | null {
    if (this.#arrays !== null) return null;
    return { covered: this.#at(COVERED), total: this.#at(TOTAL) };
  }

  #at(place: number): number {
    return this.#memory[this.#from + place] as number;
  }

  #asArrays(): LineSet {
    const first = this.#from + HEAD;
    const words = this.#at(0);
    this.#arrays ??= {
      seen: this.#memory.subarray(first, first + words),
      hit: this.#memory.subarray(first + words, first + 2 * words),
    };
    return this.#arrays;
  }
}
