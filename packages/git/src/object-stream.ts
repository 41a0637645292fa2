/** Reads what `cat-file --batch` writes, however it is cut into pieces: `<oid> <type> <size>\n<bytes>\n` or `<oid> missing\n`. */
import { invariant } from '@gatehouse/verdict';
import type { Sha } from './outcome.ts';

/** One object. `bytes` is only valid during the call that hands it over. */
export interface StreamedObject {
  /** Full object name. */
  readonly oid: Sha;
  /** What kind of object it is. */
  readonly type: 'blob' | 'tree' | 'commit' | 'tag';
  /** Its size in bytes. */
  readonly size: number;
  /** Its content; copy it to keep it. */
  readonly bytes: Uint8Array;
}

interface Pending {
  readonly oid: Sha;
  readonly type: StreamedObject['type'];
  readonly size: number;
  /** `null` for an object that is skipped. */
  readonly into: Buffer | null;
  /** Bytes seen, the closing line break included. */
  seen: number;
}

const HEADER_LIMIT = 200;

/** Push pieces, then call `end`. Holds at most one object. */
export class ObjectStream {
  count = 0;
  readonly missing: Sha[] = [];
  readonly oversized: { readonly oid: Sha; readonly size: number }[] = [];
  readonly #maxBytes: number;
  readonly #onObject: (object: StreamedObject) => void;
  #header = '';
  #pending: Pending | null = null;

  constructor(maxBytes: number, onObject: (object: StreamedObject) => void) {
    this.#maxBytes = maxBytes;
    this.#onObject = onObject;
  }

  push(piece: Uint8Array): void {
    let rest = piece;
    while (rest.length > 0)
      rest = this.#pending === null ? this.#readHeader(rest) : this.#readBody(this.#pending, rest);
  }

  /** Asserts that every object asked for was answered. */
  end(asked: number): this {
    invariant(this.#pending === null && this.#header === '', 'git ends its answer at the end of an object');
    invariant(this.count + this.missing.length + this.oversized.length === asked, 'git answers for every object');
    return this;
  }

  #readHeader(piece: Uint8Array): Uint8Array {
    const end = piece.indexOf(0x0a);
    const part = end === -1 ? piece : piece.subarray(0, end);
    this.#header += Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1');
    invariant(this.#header.length <= HEADER_LIMIT, 'a header is short');
    if (end === -1) return piece.subarray(piece.length);
    const [oid = '', type = '', size = ''] = this.#header.split(' ');
    this.#header = '';
    if (type === 'missing') this.missing.push(oid);
    else this.#open(oid, type as StreamedObject['type'], Number(size));
    return piece.subarray(end + 1);
  }

  #open(oid: Sha, type: StreamedObject['type'], size: number): void {
    invariant(Number.isSafeInteger(size), 'a size is a whole number');
    const fits = size <= this.#maxBytes;
    this.#pending = { oid, type, size, into: fits ? Buffer.allocUnsafe(size) : null, seen: 0 };
  }

  #readBody(pending: Pending, piece: Uint8Array): Uint8Array {
    const { oid, type, size, into } = pending;
    const taken = piece.subarray(0, size + 1 - pending.seen);
    into?.set(taken.subarray(0, Math.max(0, size - pending.seen)), Math.min(pending.seen, size));
    pending.seen += taken.length;
    if (pending.seen === size + 1) {
      this.#pending = null;
      if (into === null) this.oversized.push({ oid, size });
      else {
        this.count += 1;
        this.#onObject({ oid, type, size, bytes: into });
      }
    }
    return piece.subarray(taken.length);
  }
}
