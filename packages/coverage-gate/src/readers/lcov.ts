/**
 * LCOV tracefiles (lcov, llvm-cov, c8, nyc, node:test, dart, mix, kcov): `SF:` names the file, `DA:line,count[,checksum]`
 * is a line. Everything else, the summaries LF and LH above all, is neither needed nor believed.
 * A count is hit when it has a digit above zero: no number is built, so 2^64 and thirty digits are harmless.
 */
import type { FedReader, LineSet, ReportLines } from './report-lines.ts';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const LETTER_A = 65;
const LETTER_D = 68;
const LETTER_S = 83;
const LETTER_E = 101;
const ENOUGH_DIGITS = 100_000_000;

export class LcovReader implements FedReader {
  readonly kind = 'is-fed';
  readonly #lines: ReportLines;
  #current: LineSet | null = null;

  constructor(lines: ReportLines) {
    this.#lines = lines;
  }

  feed(bytes: Buffer, end: number, last: boolean): number {
    let complete = bytes.subarray(0, end).lastIndexOf(NEWLINE) + 1;
    if (complete > 0) this.#readLines(bytes.subarray(0, complete));
    if (last && complete < end) {
      this.#readLines(Buffer.concat([bytes.subarray(complete, end), Buffer.from('\n')]));
      complete = end;
    }
    if (last) {
      if (this.#current !== null) this.#lines.truncated = true;
      this.#lines.close();
    }
    return complete;
  }

  /** Every line of `b` ends with a newline. */
  #readLines(b: Buffer): void {
    const { maxLine } = this.#lines;
    for (let p = 0; p < b.length && this.#lines.fault === null; ) {
      const set = this.#current;
      if (set !== null) p = readPlainLines(b, p, { set, maxLine });
      if (p < b.length) p = this.#readLine(b, p);
    }
  }

  /** Any line, of which most are not plain because they begin or end a file; answers where the next one starts. */
  #readLine(b: Buffer, p: number): number {
    // Such a line is short: asking for its end costs more than looking.
    let end = p;
    while (b[end] !== NEWLINE) end++;
    const c = b[p];
    if (c === LETTER_D && b[p + 1] === LETTER_A && b[p + 2] === COLON) this.#readData(b, p + 3);
    else if (c === LETTER_S && b[p + 1] === 70 && b[p + 2] === COLON) this.#current = this.#openFile(b, p + 3, end);
    else if (c === LETTER_E && isEndOfRecord(b, p)) this.#current = null;
    return end + 1;
  }

  #readData(b: Buffer, from: number): void {
    const lines = this.#lines;
    let p = from;
    let line = 0;
    let d = (b[p] as number) - 48;
    for (; d >= 0 && d < 10 && line < ENOUGH_DIGITS; d = (b[++p] as number) - 48) line = line * 10 + d;
    if (b[p] !== COMMA || line <= 0 || line > lines.maxLine || this.#current === null) {
      lines.rejected++;
      return;
    }
    let any = 0;
    const count = ++p;
    for (d = (b[p] as number) - 48; d >= 0 && d < 10; d = (b[++p] as number) - 48) any |= d;
    if (p > count && b[p] === DOT)
      for (d = (b[++p] as number) - 48; d >= 0 && d < 10; d = (b[++p] as number) - 48) any |= d;
    const isSound = b[p] === NEWLINE || this.#plausible(b, count, p);
    lines.mark(this.#current, line, isSound && any !== 0);
  }

  #openFile(b: Buffer, from: number, end: number): LineSet | null {
    const to = b[end - 1] === RETURN ? end - 1 : end;
    const set = this.#lines.open(b.toString('utf8', from, to));
    if (set === null) this.#lines.rejected++;
    return set;
  }

  /** What may follow or replace the digits of a count: a blank, `\r`, a checksum, an exponent, the `-1` of an overflow. */
  #plausible(b: Buffer, from: number, at: number): boolean {
    const c = b[at];
    if (at > from && (c === RETURN || c === SPACE || c === COMMA || c === 69 || c === 101)) return true;
    const negative = at === from && c === 45 && ((b[at + 1] as number) - 48) >>> 0 < 10;
    if (!negative) this.#lines.malformed++;
    return false;
  }
}

const END_OF_RECORD = Buffer.from('end_of_record');

function isEndOfRecord(b: Buffer, at: number): boolean {
  for (let p = 0; p < END_OF_RECORD.length; p++) if (b[at + p] !== END_OF_RECORD[p]) return false;
  return true;
}

/**
 * A report is made of these: `DA` with plain digits, and lines that say nothing here. Answers where the first other one starts. Nothing
 * but local numbers and three arrays is touched, and nothing is called, so that it is quick from its first call on.
 */
function readPlainLines(
  b: Buffer,
  from: number,
  { set: { seen, hit }, maxLine }: { readonly set: LineSet; readonly maxLine: number },
): number {
  const end = b.length;
  const limit = Math.min(maxLine, seen.length * 32 - 1);
  let p = from;
  while (p < end) {
    let c = b[p] as number;
    if (c === LETTER_D && b[p + 1] === LETTER_A && b[p + 2] === COLON) {
      let q = p + 3;
      let line = 0;
      for (c = b[q] as number; c >= 48 && c < 58 && line < ENOUGH_DIGITS; c = b[++q] as number)
        line = line * 10 + (c - 48);
      if (c !== COMMA || line === 0 || line > limit) return p;
      const count = ++q;
      let any = 0;
      for (c = b[q] as number; c >= 48 && c < 58; c = b[++q] as number) any |= c - 48;
      if (q === count || (c !== NEWLINE && c !== COMMA && c !== RETURN)) return p;
      while (c !== NEWLINE) c = b[++q] as number;
      const bit = 1 << (line & 31);
      seen[line >>> 5] = (seen[line >>> 5] as number) | bit;
      if (any !== 0) hit[line >>> 5] = (hit[line >>> 5] as number) | bit;
      p = q + 1;
    } else if (c === LETTER_D || c === LETTER_S || c === LETTER_E) return p;
    else {
      while (b[p] !== NEWLINE) p++;
      p++;
    }
  }
  return p;
}
