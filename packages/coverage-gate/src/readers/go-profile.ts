/**
 * Go coverprofiles: `path:sl.sc,el.ec statements count`. Seen are all lines of a block, hit are those of a block that ran;
 * blocks repeated by several test binaries are a union. The metric is lines, so totals differ from `go tool cover`,
 * which counts statements.
 */
import type { LineSet, ReportLines, ReportReader } from './report-lines.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const MODE = Buffer.from('mode:');
const MAX_DIGITS = 9;
const MAX_COUNT_DIGITS = 30;

export class GoProfileReader implements ReportReader {
  readonly wholeDocument = false;
  readonly #lines: ReportLines;
  /** The name that the last block had, as bytes: blocks of one file follow each other. */
  #name = Buffer.alloc(0);
  #current: LineSet | null = null;
  /** The digits that were read last. */
  #value = 0;
  #start = 0;
  #end = 0;

  constructor(lines: ReportLines) {
    this.#lines = lines;
  }

  feed(bytes: Buffer, end: number, last: boolean): number {
    let from = 0;
    while (from < end && this.#lines.fault === null) {
      let to = bytes.indexOf(NEWLINE, from);
      if (to < 0 || to >= end) {
        if (!last) return from;
        to = end;
      }
      this.#readLine(bytes, from, to);
      from = to + 1;
    }
    return end;
  }

  #readLine(b: Buffer, from: number, to: number): void {
    let end = to;
    while (end > from && ((b[end - 1] as number) === CARRIAGE_RETURN || (b[end - 1] as number) <= SPACE)) end--;
    if (end === from || isMode(b, from, end)) return;
    // A path may hold colons and blanks; the numbers behind it hold no colon.
    const colon = b.lastIndexOf(COLON, end - 1);
    const count = colon <= from ? null : this.#readNumbers(b, colon + 1, end);
    if (count === null) {
      this.#lines.rejected++;
      return;
    }
    this.#open(b, from, colon);
    if (this.#current === null) this.#lines.rejected++;
    else this.#lines.markRange(this.#current, [this.#start, this.#end], count);
  }

  /** Whether the block ran; null when these are not the numbers of a block. */
  #readNumbers(b: Buffer, from: number, end: number): boolean | null {
    let p = this.#digits(b, from, end);
    this.#start = this.#value;
    if (p < 0 || b[p] !== DOT) return null;
    p = this.#digits(b, p + 1, end);
    if (p < 0 || b[p] !== COMMA) return null;
    p = this.#digits(b, p + 1, end);
    this.#end = this.#value;
    if (p < 0 || b[p] !== DOT) return null;
    p = this.#digits(b, p + 1, end);
    if (p < 0 || b[p] !== SPACE) return null;
    p = this.#digits(b, p + 1, end);
    if (p < 0 || b[p] !== SPACE) return null;
    const first = ++p;
    let any = 0;
    for (let d = (b[p] as number) - 48; p < end && d >= 0 && d < 10; d = (b[++p] as number) - 48) any |= d;
    return p === end && p > first && p - first <= MAX_COUNT_DIGITS ? any > 0 : null;
  }

  /** Reads a number into `#value`; answers where it ends, or -1 when none stands here. */
  #digits(b: Buffer, from: number, end: number): number {
    let value = 0;
    let p = from;
    for (let d = (b[p] as number) - 48; p < end && d >= 0 && d < 10; d = (b[++p] as number) - 48)
      value = value * 10 + d;
    this.#value = value;
    return p === from || p - from > MAX_DIGITS ? -1 : p;
  }

  #open(b: Buffer, from: number, to: number): void {
    const name = this.#name;
    if (name.length === to - from && name.compare(b, from, to) === 0) return;
    this.#name = Buffer.from(b.subarray(from, to));
    this.#current = this.#lines.file(this.#name.toString('utf8'));
  }
}

const isMode = (b: Buffer, from: number, end: number): boolean =>
  end - from >= MODE.length && MODE.compare(b, from, from + MODE.length) === 0;
