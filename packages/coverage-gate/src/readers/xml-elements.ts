/**
 * The elements that are open while a report is read: every end tag must name the innermost one, there is one root, and
 * nothing but blanks stands outside it. Names are compared as bytes, so that a tag costs no string.
 */
import type { Span } from './xml-tag-shape.ts';

const MAX_DEPTH = 64;
const MAX_NAMES_BYTES = 4096;

/** A nesting that XML does not allow, in words for the reason of a refusal; null when the tag is in its place. */
export type NestingFault = string | null;

export class OpenElements {
  depth = 0;
  #rootSeen = false;
  readonly #names = Buffer.alloc(MAX_NAMES_BYTES);
  /** Where the name of each open element starts; the next entry is where it ends. */
  readonly #starts = new Int32Array(MAX_DEPTH + 1);
  readonly #roles = new Uint8Array(MAX_DEPTH);

  /** The root was there and is closed. */
  get complete(): boolean {
    return this.#rootSeen && this.depth === 0;
  }

  /** Opens the element with the name `b[from, to)`; `role` is handed back when it closes. */
  open(b: Buffer, { from, to }: Span, role: number): NestingFault {
    if (to <= from) return 'a tag has no name';
    if (this.depth === 0 && this.#rootSeen) return 'a second document follows the first';
    if (this.depth === MAX_DEPTH) return `it nests deeper than ${MAX_DEPTH}`;
    let at = this.#starts[this.depth] as number;
    if (at + to - from > MAX_NAMES_BYTES) return 'its element names are too long';
    for (let p = from; p < to; p++) this.#names[at++] = b[p] as number;
    this.#roles[this.depth] = role;
    this.#starts[++this.depth] = at;
    this.#rootSeen = true;
    return null;
  }

  /** Whether an end tag with the name `b[from, to)` may stand here. */
  checkEnd(b: Buffer, from: number, to: number): NestingFault {
    if (this.depth === 0) return `${endTag(b, from, to)} closes nothing`;
    const start = this.#starts[this.depth - 1] as number;
    const end = this.#starts[this.depth] as number;
    let same = end - start === to - from;
    for (let p = from, at = start; same && p < to; p++, at++) same = b[p] === this.#names[at];
    return same ? null : `${endTag(b, from, to)} stands where ${endTag(this.#names, start, end)} belongs`;
  }

  /** Closes the innermost element and answers its role. */
  close(): number {
    this.depth--;
    return this.#roles[this.depth] as number;
  }
}

/** A name a tool chose is only repeated when it is a plain one. */
function endTag(b: Buffer, from: number, to: number): string {
  const name = b.toString('latin1', from, Math.min(to, from + 65));
  return /^[\w:.-]{1,64}$/.test(name) ? `</${name}>` : 'an end tag';
}
