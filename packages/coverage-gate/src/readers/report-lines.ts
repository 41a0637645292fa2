/**
 * What every reader fills: per file two bitsets, `seen` (the line is measurable) and `hit` (it ran).
 * Duplicate records are a union. Memory is bounded, whatever line numbers and names a report invents.
 */

import { FileLines, KeptLines } from './file-lines.ts';
import { bitsOf, WordPool } from './word-pool.ts';

/** Bit `n` (word `n >>> 5`) is line `n`, 1-based; bit 0 is never set. `hit` is a subset of `seen`. */
export interface LineSet {
  /** Lines that can be covered. */
  seen: Uint32Array;
  /** Lines that a test ran. */
  hit: Uint32Array;
  /** Covered and total lines where the report says no more; both bitsets are then empty. */
  counted?: readonly [covered: number, total: number];
}

/** What one report may cost; everything beyond is refused, never truncated in silence. */
export interface ReadLimits {
  /** Size of the whole report. */
  readonly maxBytes: number;
  /** Size of a JSON report. */
  readonly maxJsonBytes: number;
  /** Size of one line or tag. */
  readonly maxUnitBytes: number;
  /** Highest believable line number. */
  readonly maxLine: number;
  /** Files in one report. */
  readonly maxFiles: number;
  /** Memory for all bitsets together. */
  readonly maxBitsetBytes: number;
  /** Time for one report, in milliseconds. */
  readonly timeoutMs: number;
}

export const DEFAULT_LIMITS: ReadLimits = {
  maxBytes: 2 ** 30,
  maxJsonBytes: 2 ** 28,
  maxUnitBytes: 2 ** 22,
  maxLine: 5_000_000,
  maxFiles: 500_000,
  maxBitsetBytes: 2 ** 28,
  timeoutMs: 60_000,
};

const FIRST_WORDS = 32;
/** A longer room is not kept for the next file, which would have to be asked for its last line. */
const MAX_ROOM_WORDS = 1024;
const MAX_PATH_CHARS = 4096;
/** A longer block is no code a person wrote; it would make a small report costly to read. */
const MAX_RANGE_LINES = 20_000;
const ALL_BITS = 0xffff_ffff;
const MAX_SOURCES = 1000;

/** Where a report of several modules has a file. */
export interface ModuleFile {
  /** The groups around it, outermost first. */
  readonly modules: readonly string[];
  /** Its name without them. */
  readonly plain: string;
}

export class ReportLines {
  files: FileLines = new FileLines();
  /** Folders that relative names may be below, in the report's order. */
  readonly sources: string[] = [];
  /** What the whole report is about, such as its one module. */
  title = '';
  /** By name in `files`; only files of a module are there. */
  readonly modules: Map<string, ModuleFile> = new Map();
  readonly maxLine: number;
  /** Records without a believable file or line number. */
  rejected = 0;
  /** Counts that are not a number; their line is measurable and uncovered. */
  malformed = 0;
  /** The report ends before its own end mark. */
  truncated = false;
  /** The report names no lines, only how many there are. */
  totalsOnly = false;
  /** Why the report as a whole is refused; the first reason stays. */
  fault: string | null = null;
  readonly #limits: ReadLimits;
  readonly #pool = new WordPool();
  #bitsetBytes = 0;
  #room: LineSet = newRoom();
  /** The file whose lines are in the room. */
  #opened: string | null = null;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
    this.maxLine = limits.maxLine;
  }

  refuse(reason: string): void {
    this.fault ??= reason;
  }

  addSource(folder: string): void {
    if (this.sources.length < MAX_SOURCES && folder.length <= MAX_PATH_CHARS) this.sources.push(folder);
  }

  /**
   * Room for the lines of one file, until `close` or the next `open`, and the same for all: to give each file sets of its own that grow
   * with it costs more than reading its lines. Null for a name no file can have.
   */
  open(path: string): LineSet | null {
    this.close();
    if (!this.#admits(path)) return null;
    this.#opened = path;
    return this.#room;
  }

  /** What was marked since `open` counts from now on. */
  close(): void {
    if (this.#opened === null) return;
    const { seen, hit } = this.#room;
    let words = seen.length;
    while (words > 0 && seen[words - 1] === 0) words--;
    this.#add(this.#opened, words);
    this.#opened = null;
    if (seen.length > MAX_ROOM_WORDS) this.#room = newRoom();
    else {
      seen.fill(0, 0, words);
      hit.fill(0, 0, words);
    }
  }

  /** The sets of one file, for readers that go from file to file and back; null for a name no file can have. */
  file(path: string): LineSet | null {
    const known = this.files.get(path);
    if (known !== undefined) return known;
    if (!this.#admits(path)) return null;
    const fresh = { seen: this.#pool.take(FIRST_WORDS), hit: this.#pool.take(FIRST_WORDS) };
    this.#account(2 * 4 * FIRST_WORDS);
    this.files.add(path, fresh);
    return fresh;
  }

  /** Grows to hold `word`; false when that would break the memory limit (the report is then refused). */
  grow(set: LineSet, word: number): boolean {
    const words = roomFor(word);
    if (set === this.#room) {
      this.#room.seen = longer(set.seen, new Uint32Array(words));
      this.#room.hit = longer(set.hit, new Uint32Array(words));
      return true;
    }
    if (!this.#account(2 * 4 * (words - set.seen.length))) return false;
    set.seen = this.#longer(set.seen, words);
    set.hit = this.#longer(set.hit, words);
    return true;
  }

  /** The plain way to record one line; the hot loops inline it. */
  mark(set: LineSet, line: number, covered: boolean): void {
    if (!(line > 0 && line <= this.maxLine)) {
      this.rejected++;
      return;
    }
    const word = line >>> 5;
    if (word >= set.seen.length && !this.grow(set, word)) return;
    const bit = 1 << (line & 31);
    set.seen[word] = (set.seen[word] ?? 0) | bit;
    if (covered) set.hit[word] = (set.hit[word] ?? 0) | bit;
  }

  /** The lines from `start` to `end`, a word at a time: a short record may name many lines. */
  markRange(set: LineSet, { start, end }: { readonly start: number; readonly end: number }, covered: boolean): void {
    if (!(start > 0 && start <= end && end <= this.maxLine && end - start <= MAX_RANGE_LINES)) {
      this.rejected++;
      return;
    }
    const last = end >>> 5;
    if (last >= set.seen.length && !this.grow(set, last)) return;
    for (let word = start >>> 5; word <= last; word++) {
      const from = word === start >>> 5 ? start & 31 : 0;
      const to = word === last ? end & 31 : 31;
      const bits = (ALL_BITS >>> (31 - (to - from))) << from;
      set.seen[word] = (set.seen[word] ?? 0) | bits;
      if (covered) set.hit[word] = (set.hit[word] ?? 0) | bits;
    }
  }

  /** What a summary says of a file; a second word on the same file, or one that cannot be, is rejected. */
  count(path: string, covered: number | null, total: number | null): void {
    const isNew = !this.files.has(path);
    const set = isNew ? this.file(path) : null;
    const possible = covered !== null && total !== null && covered <= total && total <= this.maxLine;
    if (set !== null && possible) set.counted = [covered, total];
    else this.rejected++;
  }

  #admits(path: string): boolean {
    if (path.length === 0 || path.length > MAX_PATH_CHARS || path.includes('\0')) return false;
    if (this.files.size >= this.#limits.maxFiles && !this.files.has(path))
      this.refuse(`more than ${this.#limits.maxFiles} files`);
    return true;
  }

  /** The first `words` of the room. */
  #add(path: string, words: number): void {
    const known = this.files.get(path);
    if (known === undefined) {
      if (!this.#account(2 * 4 * words)) return;
      this.files.add(path, new KeptLines(this.#room, words, this.#pool));
      return;
    }
    if (words > known.seen.length && !this.grow(known, words - 1)) return;
    addWords(known.seen, this.#room.seen, words);
    addWords(known.hit, this.#room.hit, words);
  }

  #longer(bits: Uint32Array, words: number): Uint32Array {
    const taken = longer(bits, this.#pool.take(words));
    this.#pool.giveBack(bits);
    return taken;
  }

  #account(bytes: number): boolean {
    this.#bitsetBytes += bytes;
    if (this.#bitsetBytes <= this.#limits.maxBitsetBytes) return true;
    this.refuse('its line numbers need more memory than a report may cost');
    return false;
  }
}

/** How many words a set has of which `word` is the last that is needed. */
function roomFor(word: number): number {
  let words = FIRST_WORDS;
  while (words <= word) words *= 2;
  return words;
}

const newRoom = (): LineSet => ({ seen: new Uint32Array(FIRST_WORDS), hit: new Uint32Array(FIRST_WORDS) });

function longer(bits: Uint32Array, into: Uint32Array): Uint32Array {
  into.set(bits);
  return into;
}

function addWords(to: Uint32Array, from: Uint32Array, words: number): void {
  for (let word = 0; word < words; word++) to[word] = (to[word] as number) | (from[word] as number);
}

/** Reads one format. Built for one report, used once. */
export type ReportReader = FedReader | AskingReader;

/** Is given bytes as they come. */
export interface FedReader {
  readonly kind: 'is-fed';
  /**
   * Reads complete units of `bytes[0, end)` and answers how many bytes it is done with; `last` says no more will come.
   */
  feed(bytes: Buffer, end: number, last: boolean): number;
}

/** Asks for bytes in the middle of a value, as nested ones need. */
export interface AskingReader {
  readonly kind: 'asks';
  read(ahead: ReportBytesAhead): void;
}

/** The bytes at hand are `bytes[0, end)`. */
export interface ReportBytesAhead {
  readonly bytes: Buffer;
  readonly end: number;
  /** Gives up those before `keep`, and adds some behind the others; false when there are none, or no more are allowed. */
  more(keep: number): boolean;
}

/** Lines of a set: measurable and covered. */
export function countLines(set: LineSet): { readonly covered: number; readonly total: number } {
  if (set.counted !== undefined) return { covered: set.counted[0], total: set.counted[1] };
  const counts = set instanceof KeptLines ? set.counts : null;
  if (counts !== null) return counts;
  let total = 0;
  let covered = 0;
  for (let word = 0; word < set.seen.length; word++) {
    const seen = set.seen[word] ?? 0;
    if (seen === 0) continue;
    total += bitsOf(seen);
    covered += bitsOf(seen & (set.hit[word] ?? 0));
  }
  return { covered, total };
}

/** A line number that stands as text; 0, which no reader accepts, when it is none. */
export function lineOf(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

export function hasLine(bits: Uint32Array, line: number): boolean {
  return ((bits[line >>> 5] ?? 0) & (1 << (line & 31))) !== 0;
}

/** The union of two sets, as a new one. Of two that are only counted, the least that both can mean. */
export function uniteLines(a: LineSet, b: LineSet): LineSet {
  if (a.counted !== undefined || b.counted !== undefined) {
    const [one, other] = [countLines(a), countLines(b)];
    const total = Math.max(one.total, other.total);
    return { ...EMPTY_SET, counted: [Math.max(one.covered, other.covered), total] };
  }
  const [long, short] = a.seen.length >= b.seen.length ? [a, b] : [b, a];
  const seen = long.seen.slice();
  const hit = long.hit.slice();
  for (let word = 0; word < short.seen.length; word++) {
    seen[word] = (seen[word] ?? 0) | (short.seen[word] ?? 0);
    hit[word] = (hit[word] ?? 0) | (short.hit[word] ?? 0);
  }
  return { seen, hit };
}

const EMPTY_SET: LineSet = { seen: new Uint32Array(0), hit: new Uint32Array(0) };
