/**
 * LCOV tracefiles (lcov, llvm-cov, c8, nyc, node:test, dart, mix, kcov): `SF:` names the file, `DA:line,count[,checksum]`
 * is a line. Everything else, the summaries LF and LH above all, is neither needed nor believed.
 * A count is hit when it has a digit above zero: no number is built, so 2^64 and thirty digits are harmless.
 */
import type { LineSet, ReportLines, ReportReader } from './report-lines.ts';

const NEWLINE = 10;
const ENOUGH_DIGITS = 100_000_000;

export class LcovReader implements ReportReader {
  readonly wholeDocument = false;
  readonly #lines: ReportLines;
  #current: LineSet | null = null;

  constructor(lines: ReportLines) {
    this.#lines = lines;
  }

  feed(bytes: Buffer, end: number, last: boolean): number {
    let complete = bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    if (complete > 0) this.#readLines(bytes, complete);
    if (last && complete < end) {
      const rest = Buffer.concat([bytes.subarray(complete, end), Buffer.from('\n')]);
      this.#readLines(rest, rest.length);
      complete = end;
    }
    if (last && this.#current !== null) this.#lines.truncated = true;
    return complete;
  }

  /**
   * Every line of `b[0, end)` ends with a newline. The hot state lives in locals: fields and closures cost twice the time. Lines mostly
   * ascend, so the bits of one word are gathered before they are stored.
   */
  #readLines(b: Buffer, end: number): void {
    const lines = this.#lines;
    const maxLine = lines.maxLine;
    let current = this.#current;
    let rejected = 0;
    let word = 0;
    let seen = 0;
    let hit = 0;
    let p = 0;
    while (p < end) {
      const c = b[p];
      if (c === 68 && b[p + 1] === 65 && b[p + 2] === 58) {
        p += 3;
        let line = 0;
        let d = (b[p] as number) - 48;
        while (d >= 0 && d < 10 && line < ENOUGH_DIGITS) {
          line = (line * 10 + d) | 0;
          d = (b[++p] as number) - 48;
        }
        if (d === -4 && line > 0 && line <= maxLine && current !== null) {
          let any = 0;
          const from = ++p;
          d = (b[p] as number) - 48;
          while (d >= 0 && d < 10) {
            any |= d;
            d = (b[++p] as number) - 48;
          }
          if (d !== NEWLINE - 48 && !this.#plausible(b, from, p)) any = 0;
          if (line >>> 5 !== word) {
            if (!lines.markWord(current, word, { seen, hit })) break;
            word = line >>> 5;
            seen = 0;
            hit = 0;
          }
          const bit = 1 << (line & 31);
          seen |= bit;
          if (any !== 0) hit |= bit;
          if (d === NEWLINE - 48) {
            p++;
            continue;
          }
        } else rejected++;
      } else if (c === 83 && b[p + 1] === 70 && b[p + 2] === 58) {
        if (current !== null && !lines.markWord(current, word, { seen, hit })) break;
        seen = 0;
        hit = 0;
        current = this.#openFile(b, p + 3);
        if (lines.fault !== null) break;
      } else if (c === 101 && isEndOfRecord(b, p)) {
        if (current !== null && !lines.markWord(current, word, { seen, hit })) break;
        seen = 0;
        hit = 0;
        current = null;
      }
      while (b[p] !== NEWLINE) p++;
      p++;
    }
    if (current !== null) lines.markWord(current, word, { seen, hit });
    this.#current = current;
    lines.rejected += rejected;
  }

  #openFile(b: Buffer, from: number): LineSet | null {
    let to = b.indexOf(NEWLINE, from);
    if (b[to - 1] === 13) to--;
    const set = this.#lines.file(b.toString('utf8', from, to));
    if (set === null) this.#lines.rejected++;
    return set;
  }

  /** What may follow or replace the digits of a count: `\r`, a checksum, an exponent, the `-1` of an overflow. */
  #plausible(b: Buffer, from: number, at: number): boolean {
    const c = b[at];
    if (at > from && (c === 13 || c === 44 || c === 69 || c === 101)) return true;
    const negative = at === from && c === 45 && ((b[at + 1] as number) - 48) >>> 0 < 10;
    if (!negative) this.#lines.malformed++;
    return false;
  }
}

const END_OF_RECORD = Buffer.from('end_of_record');

function isEndOfRecord(b: Buffer, at: number): boolean {
  return b.compare(END_OF_RECORD, 0, END_OF_RECORD.length, at, Math.min(b.length, at + END_OF_RECORD.length)) === 0;
}
