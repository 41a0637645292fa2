/**
 * The files of a report: name → lines, in the report's order. A Map would do the same, but the engine copies every key of one to where it
 * keeps the names of the program; for thousands of names that are looked up once or twice that costs more than to read their lines.
 */
import type { LineSet } from './report-lines.ts';
import { bitsOf, type WordPool } from './word-pool.ts';

const FIRST_FILES = 4096;
/** Names find their places anew when the table grows, which it therefore does seldom. */
const GROWTH = 4;
/** Of names that find all these places taken there are few, or somebody chose them so. */
const MAX_LOOKS = 32;

export class FileLines implements ReadonlyMap<string, LineSet> {
  readonly #names: string[] = [];
  readonly #sets: LineSet[] = [];
  /** At most half full. At the place that a hash says, or soon behind it, stands which file it is, counted from 1. */
  #table = new Int32Array(2 * FIRST_FILES);
  /** The name that was asked for last, which may be added next, and its hash. */
  #hashed: string | null = null;
  #hash = 0;
  /** Which file a name is that found no place. */
  readonly #crowded = new Map<string, number>();

  get size(): number {
    return this.#names.length;
  }

  get(name: string): LineSet | undefined {
    const file = this.#find(name);
    return file === 0 ? undefined : this.#sets[file - 1];
  }

  has(name: string): boolean {
    return this.#find(name) !== 0;
  }

  /** Of a file that is not there yet. */
  add(name: string, set: LineSet): void {
    this.#names.push(name);
    this.#sets.push(set);
    if (2 * this.size > this.#table.length) this.#rebuild();
    else this.#enter(name, this.size);
  }

  keys(): MapIterator<string> {
    return this.#names.values();
  }

  values(): MapIterator<LineSet> {
    return this.#sets.values();
  }

  *entries(): Generator<[string, LineSet], undefined> {
    for (const [at, name] of this.#names.entries()) yield [name, this.#sets[at] as LineSet];
  }

  [Symbol.iterator](): MapIterator<[string, LineSet]> {
    return this.entries();
  }

  forEach(tell: (set: LineSet, name: string, files: ReadonlyMap<string, LineSet>) => void): void {
    for (const [name, set] of this) tell(set, name, this);
  }

  /** Which file it is, 0 for none. */
  #find(name: string): number {
    const table = this.#table;
    const hash = this.#hashOf(name);
    for (let look = 0; look < MAX_LOOKS; look++) {
      const file = table[(hash + look) & (table.length - 1)] as number;
      if (file === 0 || this.#names[file - 1] === name) return file;
    }
    return this.#crowded.get(name) ?? 0;
  }

  #enter(name: string, file: number): void {
    const table = this.#table;
    const hash = this.#hashOf(name);
    for (let look = 0; look < MAX_LOOKS; look++) {
      const place = (hash + look) & (table.length - 1);
      if (table[place] === 0) {
        table[place] = file;
        return;
      }
    }
    this.#crowded.set(name, file);
  }

  /** As FNV-1 does, and mixed once more, since the table asks for the lower bits. */
  #hashOf(name: string): number {
    if (name === this.#hashed) return this.#hash;
    let hash = 0;
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
    this.#hash = hash ^ (hash >>> 15);
    this.#hashed = name;
    return this.#hash;
  }

  #rebuild(): void {
    this.#table = new Int32Array(GROWTH * this.#table.length);
    this.#crowded.clear();
    for (let at = 0; at < this.size; at++) this.#enter(this.#names[at] as string, at + 1);
  }
}

const COVERED = 1;
const TOTAL = 2;
const HEAD = 3;

/**
 * The lines of one file among those of many, in memory that other files share: how many words a set has, the covered and the total lines,
 * the words of `seen`, those of `hit`. They become arrays only where somebody asks for single lines: two arrays a file weigh more than the
 * words in them, and most files are only counted.
 */
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
