/**
 * The files of a report: name → lines, in the report's order. A Map would do the same, but the engine copies every key of one to where it
 * keeps the names of the program; for thousands of names that are looked up once or twice that costs more than to read their lines.
 */
import type { LineSet } from './report-lines.ts';

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
