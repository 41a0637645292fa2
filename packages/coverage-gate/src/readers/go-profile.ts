/**
 * Go coverprofiles: `path:sl.sc,el.ec statements count`. Seen are all lines of a block, hit are those of a block that ran;
 * blocks repeated by several test binaries are a union. The metric is lines, so totals differ from `go tool cover`,
 * which counts statements.
 */
import type { FedReader, LineSet, ReportLines } from './report-lines.ts';

const NEWLINE = 10;
const SPACE = 32;
const COLON = 58;
const MODE = Buffer.from('mode:');
const MAX_DIGITS = 9;

export class GoProfileReader implements FedReader {
  readonly kind = 'is-fed';
  readonly #lines: ReportLines;
  /** The name that the last block had, as bytes: blocks of one file follow each other. */
  #name = Buffer.alloc(0);
  #current: LineSet | null = null;
  /** The block that was read last. */
  readonly #block = { start: 0, end: 0 };

  constructor(lines: ReportLines) {
    this.#lines = lines;
  }

  feed(bytes: Buffer, end: number, last: boolean): number {
    let from = 0;
    while (from < end && this.#lines.fault === null) {
      let to = from;
      while (to < end && bytes[to] !== NEWLINE) to++;
      if (to === end && !last) return from;
      this.#readLine(bytes, from, to);
      from = to + 1;
    }
    return end;
  }

  #readLine(b: Buffer, from: number, to: number): void {
    let end = to;
    while (end > from && (b[end - 1] as number) <= SPACE) end--;
    if (end === from || isMode(b, from, end)) return;
    let ran = this.#isNamed(b, from, end) ? this.#readNumbers(b, from + this.#name.length + 1, end) : null;
    if (ran === null) {
      // A path may hold colons and blanks; the numbers behind it hold no colon.
      const colon = b.lastIndexOf(COLON, end - 1);
      ran = colon <= from ? null : this.#readNumbers(b, colon + 1, end);
      if (ran !== null) this.#open(b, from, colon);
    }
    if (ran === null || this.#current === null) this.#lines.rejected++;
    else this.#lines.markRange(this.#current, this.#block, ran);
  }

  /** `sl.sc,el.ec statements count`: whether the block ran; null when these are not the numbers of a block. */
  #readNumbers(b: Buffer, from: number, end: number): boolean | null {
    let p = from;
    for (let number = 0; number < SEPARATORS.length; number++) {
      const first = p;
      let value = 0;
      for (let d = (b[p] as number) - 48; p < end && d >= 0 && d < 10; d = (b[++p] as number) - 48)
        value = value * 10 + d;
      if (p === first || p - first > MAX_DIGITS || p >= end || b[p] !== SEPARATORS[number]) return null;
      p++;
      if (number === 0) this.#block.start = value;
      else if (number === 2) this.#block.end = value;
    }
    const first = p;
    let any = 0;
    for (let d = (b[p] as number) - 48; p < end && d >= 0 && d < 10; d = (b[++p] as number) - 48) any |= d;
    if (p === end && p > first) return any > 0;
    // A block is there whatever its count is. Behind a colon it was part of a path.
    const colon = b.indexOf(COLON, p);
    if (p === end || (colon >= 0 && colon < end)) return null;
    this.#lines.malformed++;
    return false;
  }

  /** Whether the last block's name and a colon stand at `from`. */
  #isNamed(b: Buffer, from: number, end: number): boolean {
    const name = this.#name;
    const length = name.length;
    if (length === 0 || from + length >= end || b[from + length] !== COLON) return false;
    for (let at = length - 1; at >= 0; at--) if (b[from + at] !== name[at]) return false;
    return true;
  }

  #open(b: Buffer, from: number, to: number): void {
    this.#name = Buffer.from(b.subarray(from, to));
    this.#current = this.#lines.file(this.#name.toString('utf8'));
  }
}

/** What stands behind each number but the last: line, column, line, column, statements. */
const SEPARATORS = Buffer.from('.,.  ');

const isMode = (b: Buffer, from: number, end: number): boolean =>
  b[from] === MODE[0] && end - from >= MODE.length && MODE.compare(b, from, from + MODE.length) === 0;
