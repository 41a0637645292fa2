/**
 * Bounded memory of one stream: its first and its last bytes, copied as they pass. However much a command prints, a
 * capture never holds more than `headBytes + tailBytes`.
 */
import type { OutputCapture } from './verdict.ts';

const FIRST_ALLOCATION = 4096;

/** A buffer that grows by doubling up to its limit, so that a silent command costs nothing. */
class Growing {
  #bytes: Uint8Array = new Uint8Array(0);
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Grows to `size` bytes (at most `limit`) and returns the storage. */
  upTo(size: number): Uint8Array {
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.limit, Math.max(size, 2 * this.#bytes.length, FIRST_ALLOCATION)));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}

export class Capture {
  readonly #head: Growing;
  readonly #tail: Growing;
  #headUsed = 0;
  /** Bytes that went past the head, ever. The ring position is this modulo the ring's size. */
  #pastHead = 0;
  #unread = 0;

  constructor(headBytes: number, tailBytes: number) {
    this.#head = new Growing(headBytes);
    this.#tail = new Growing(tailBytes);
  }

  /** Copies what is worth keeping; `chunk` may be reused by its owner afterwards. */
  add(chunk: Uint8Array): void {
    const toHead = Math.min(this.#head.limit - this.#headUsed, chunk.length);
    if (toHead > 0) {
      this.#head.upTo(this.#headUsed + toHead).set(chunk.subarray(0, toHead), this.#headUsed);
      this.#headUsed += toHead;
    }
    const rest = chunk.subarray(toHead);
    const size = this.#tail.limit;
    const kept = rest.subarray(Math.max(0, rest.length - size));
    if (kept.length > 0) {
      const at = (this.#pastHead + rest.length - kept.length) % size;
      const ring = this.#tail.upTo(Math.min(size, this.#pastHead + rest.length));
      const fits = Math.min(kept.length, size - at);
      ring.set(kept.subarray(0, fits), at);
      ring.set(kept.subarray(fits), 0);
    }
    this.#pastHead += rest.length;
  }

  /** Counts bytes that were read and deliberately forgotten. */
  skip(bytes: number): void {
    this.#unread += bytes;
  }

  /** Bytes of the stream so far, kept or not. */
  total(): number {
    return this.#headUsed + this.#pastHead + this.#unread;
  }

  result(): OutputCapture {
    const size = this.#tail.limit;
    const used = Math.min(size, this.#pastHead);
    const ring = this.#tail.upTo(0);
    const tail = new Uint8Array(used);
    const start = this.#pastHead > size && size > 0 ? this.#pastHead % size : 0;
    tail.set(ring.subarray(start, used));
    tail.set(ring.subarray(0, start), used - start);
    return {
      head: this.#head.upTo(0).slice(0, this.#headUsed),
      tail,
      totalBytes: this.total(),
      droppedBytes: this.#pastHead - used + this.#unread,
    };
  }
}
