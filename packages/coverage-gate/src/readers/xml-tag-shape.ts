/**
 * A report has a million tags that differ in two numbers. One that was read attribute by attribute is a shape: the text before its line
 * number, the text up to its count, and the rest. Whatever has the very bytes of that shape around two plain numbers is read without
 * looking at its attributes; nothing is believed here that was not read in full once before.
 */
import type { LineSet } from './report-lines.ts';

const MAX_PART_BYTES = 96;
/** What may be looked at behind the begin of a tag: three parts, two numbers, another rest, and what is left of a word. */
const ROOM = 3 * MAX_PART_BYTES + 512;
/** A tag whose rest is longer is read in full. */
const MAX_REST_BYTES = 256;
/** A longer number is read in full. */
const MAX_DIGITS = 9;
/** As many tags of another shape in a row are no exceptions any more. */
const PATIENCE = 8;

const SPACE = 32;
const QUOTE = 34;
const SLASH = 47;
const EQUALS = 61;
const GT = 62;

/** Bytes that are compared four at a time; the mask of the last word says how many of it count. */
interface Part {
  readonly length: number;
  readonly words: Int32Array;
  readonly masks: Int32Array;
}

/** Where something stands: `to` is behind its last byte. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where a tag has what: the blanks before it, its two numbers, and its end. */
export interface TagPlaces {
  readonly from: number;
  readonly line: Span;
  readonly count: Span;
  readonly to: number;
}

/** The attributes that a tag has once, each as its length and first two bytes. */
export interface OnceOnly {
  readonly line: number;
  readonly count: number;
}

/** `once`: what the rest of another tag may not name; null where no other rest is read. */
interface Shape {
  readonly once: OnceOnly | null;
  readonly lead: Part;
  readonly middle: Part;
  readonly rest: Part;
}

export class TagShape {
  #shape: Shape | null = null;
  #misses = 0;
  #b: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the bytes end that count. */
  #end = 0;
  readonly #once: OnceOnly | null;

  /** Without `once` a tag may have no other attributes than the one that was read in full. */
  constructor(once: OnceOnly | null) {
    this.#once = once;
  }

  /** The bytes that are read from now on. */
  look(b: Buffer, end: number): void {
    if (b !== this.#b) this.#view = new DataView(b.buffer, b.byteOffset, b.length);
    this.#b = b;
    this.#end = end;
  }

  /** A tag that was read in full, and whose numbers are plain. */
  learn({ from, line, count, to }: TagPlaces): void {
    if (this.#shape !== null && ++this.#misses < PATIENCE) return;
    const parts = [line.from - from, count.from - line.to, to - count.to];
    if (parts.some((length) => length > MAX_PART_BYTES)) return;
    this.#misses = 0;
    const part = (at: number, end: number): Part => partOf(this.#b.subarray(at, end));
    // Another rest begins with the quote that closes the count.
    const once = this.#b[count.from - 1] === QUOTE ? this.#once : null;
    this.#shape = { once, lead: part(from, line.from), middle: part(line.to, count.from), rest: part(count.to, to) };
  }

  /** Marks the lines of all tags of the shape that follow each other from `from` on; answers where the last one ends. */
  readAll(from: number, set: LineSet, maxLine: number): number {
    const shape = this.#shape;
    if (shape === null) return from;
    const limit = Math.min(maxLine, set.seen.length * 32 - 1);
    const end = this.#end;
    const to = readTags(this.#view, from, { end, shape, seen: set.seen, hit: set.hit, limit });
    if (to > from) this.#misses = 0;
    return to;
  }
}

function partOf(bytes: Buffer): Part {
  const words = Math.ceil(bytes.length / 4);
  const padded = Buffer.alloc(words * 4);
  padded.set(bytes);
  const mask = Buffer.alloc(words * 4);
  mask.fill(255, 0, bytes.length);
  const wordsOf = (all: Buffer): Int32Array => Int32Array.from({ length: words }, (_, at) => all.readInt32LE(at * 4));
  return { length: bytes.length, words: wordsOf(padded), masks: wordsOf(mask) };
}

/** `end`: of the bytes that count; `limit`: the last line there is room for. */
interface Target extends Readonly<Pick<LineSet, 'seen' | 'hit'>> {
  readonly end: number;
  readonly shape: Shape;
  readonly limit: number;
}

/** The hot state lives in locals. What stands behind `end` is looked at where there is room, and no tag that goes on there is believed. */
function readTags(b: DataView, from: number, { end, shape, seen, hit, limit }: Target): number {
  const { lead, middle, rest, once } = shape;
  const last = Math.min(end, b.byteLength - ROOM);
  let done = from;
  while (done <= last) {
    let p = done;
    if (!stands(b, p, lead)) return done;
    p += lead.length;
    let line = 0;
    const first = p;
    let d = b.getUint8(p) - 48;
    while (d >= 0 && d < 10) {
      line = (line * 10 + d) | 0;
      d = b.getUint8(++p) - 48;
      if (p - first > MAX_DIGITS) return done;
    }
    if (line <= 0 || line > limit || !stands(b, p, middle)) return done;
    p += middle.length;
    const count = p;
    let any = 0;
    d = b.getUint8(p) - 48;
    while (d >= 0 && d < 10) {
      any |= d;
      d = b.getUint8(++p) - 48;
      if (p - count > MAX_DIGITS) return done;
    }
    if (p === count) return done;
    if (stands(b, p, rest)) p += rest.length;
    else p = once === null ? 0 : otherRest(b, p, once);
    if (p === 0 || p > end) return done;
    done = p;
    const bit = 1 << (line & 31);
    seen[line >>> 5] = (seen[line >>> 5] as number) | bit;
    if (any !== 0) hit[line >>> 5] = (hit[line >>> 5] as number) | bit;
  }
  return done;
}

function stands(b: DataView, at: number, { words, masks }: Part): boolean {
  for (let word = 0; word < words.length; word++) {
    const differs = b.getInt32(at + word * 4, true) ^ (words[word] as number);
    if ((differs & (masks[word] as number)) !== 0) return false;
  }
  return true;
}

/** Behind an empty tag that has other attributes after its count, each after one blank and in double quotes; 0 where it is no such tag. */
function otherRest(b: DataView, from: number, { line, count }: OnceOnly): number {
  const last = from + MAX_REST_BYTES;
  for (let p = from; p < last && b.getUint8(p) === QUOTE; ) {
    let c = b.getUint8(++p);
    if (c === SLASH && b.getUint8(p + 1) === GT) return p + 2;
    if (c !== SPACE) return 0;
    const name = ++p;
    for (c = b.getUint8(p); c > SPACE && c !== EQUALS && c !== GT && p < last; ) c = b.getUint8(++p);
    const key = ((p - name) << 16) | b.getUint16(name);
    if (c !== EQUALS || key === line || key === count || b.getUint8(p + 1) !== QUOTE) return 0;
    for (p += 2; b.getUint8(p) !== QUOTE && p < last; ) p++;
  }
  return 0;
}
