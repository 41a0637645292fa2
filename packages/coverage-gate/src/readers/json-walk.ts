/**
 * Walks JSON bytes without building objects: the caller visits the keys it wants and skips the rest.
 * The first fault stops every walk; nesting is bounded; nothing throws.
 */
import type { LineSet, ReportLines } from './report-lines.ts';

const MAX_DEPTH = 64;
/** Brackets and letters stand behind it, numbers and their neighbours before it. */
const FIRST_LETTER = 64;
const ENOUGH_DIGITS = 100_000_000;
const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COMMA = 44;
const COLON = 58;
const LETTER_N = 110;
const LETTER_T = 116;

export class JsonWalk {
  readonly #b: Buffer;
  readonly #end: number;
  readonly #lines: ReportLines;
  /** The brackets that are open in the value being skipped. */
  readonly #opened = new Uint8Array(MAX_DEPTH + 1);
  #p = 0;
  /** How many objects and lists are being visited. */
  #depth = 0;

  constructor(bytes: Buffer, end: number, lines: ReportLines) {
    this.#b = bytes;
    this.#end = end;
    this.#lines = lines;
  }

  get sound(): boolean {
    return this.#lines.fault === null;
  }

  /** Whether the next value is a list. */
  get atList(): boolean {
    this.#blanks();
    return this.#p < this.#end && this.#b[this.#p] === OPEN_BRACKET;
  }

  /** Only blanks may follow the document. */
  finish(): void {
    this.#blanks();
    if (this.sound && this.#p < this.#end) this.#fault('unexpected bytes after the document');
  }

  /** Visits every key; the visitor must read or skip exactly the value. A value that is no object is skipped. */
  object(visit: (key: string) => void): void {
    if (!this.#enter(OPEN_BRACE, CLOSE_BRACE)) return;
    while (this.sound) {
      this.#blanks();
      const key = this.#key();
      this.#blanks();
      if (key === null || this.#p >= this.#end || this.#b[this.#p++] !== COLON) {
        this.#fault('a key is expected');
        return;
      }
      visit(key);
      if (this.#leaves(CLOSE_BRACE)) return;
    }
  }

  /** The same for the elements of a list. */
  array(visit: () => void): void {
    if (!this.#enter(OPEN_BRACKET, CLOSE_BRACKET)) return;
    while (this.sound) {
      visit();
      if (this.#leaves(CLOSE_BRACKET)) return;
    }
  }

  /** A string; anything else is skipped and answered as null. */
  text(): string | null {
    this.#blanks();
    const text = this.#p < this.#end ? this.#key() : null;
    if (text === null) this.skip();
    return text;
  }

  /** True for the literal `true` alone. */
  flag(): boolean {
    this.#blanks();
    const isTrue = this.#b[this.#p] === LETTER_T;
    this.skip();
    return isTrue;
  }

  /**
   * Whether a count says that something ran: a number, `"1/2"` (one branch of two) or `true` (a part). Null for `null` and
   * `"ignored"`, which are no code. Everything else is malformed and did not run.
   */
  count(): boolean | null {
    this.#blanks();
    const b = this.#b;
    let p = this.#p;
    const c = p < this.#end ? b[p] : 0;
    if (c === QUOTE) {
      const text = this.text();
      if (text === 'ignored') return null;
      if (text !== null && /^\d{1,30}\/\d{1,30}$/.test(text)) return /^0*[1-9]/.test(text);
      this.#lines.malformed++;
      return false;
    }
    let any = 0;
    for (let d = (c as number) - 48; d >= 0 && d < 10 && p < this.#end; d = (b[++p] ?? 0) - 48) any |= d;
    const isNumber = p > this.#p;
    this.skip();
    if (isNumber) return any > 0;
    if (c === LETTER_N) return null;
    if (c === LETTER_T) return true;
    this.#lines.malformed++;
    return false;
  }

  /** Marks the line numbers of a list; anything but whole numbers in it is a fault. The hot state lives in locals. */
  lineList(set: LineSet, covered: boolean): void {
    this.#blanks();
    const b = this.#b;
    const end = this.#end;
    const lines = this.#lines;
    let p = this.#p;
    if (p >= end || b[p] !== OPEN_BRACKET) {
      this.#fault('a list of line numbers is expected');
      return;
    }
    let word = 0;
    let bits = 0;
    for (p++; p < end; ) {
      let d = (b[p] as number) - 48;
      if (d >= 0 && d < 10) {
        let line = 0;
        while (d >= 0 && d < 10 && p < end && line < ENOUGH_DIGITS) {
          line = (line * 10 + d) | 0;
          d = (b[++p] as number) - 48;
        }
        while (d >= 0 && d < 10 && p < end) d = (b[++p] as number) - 48;
        if (line <= 0 || line > lines.maxLine) lines.rejected++;
        else {
          if (line >>> 5 !== word) {
            if (!lines.markWord(set, word, { seen: bits, hit: covered ? bits : 0 })) return;
            word = line >>> 5;
            bits = 0;
          }
          bits |= 1 << (line & 31);
        }
      } else if (b[p] === CLOSE_BRACKET) {
        lines.markWord(set, word, { seen: bits, hit: covered ? bits : 0 });
        this.#p = p + 1;
        return;
      } else if (b[p] === COMMA || (b[p] as number) <= 32) p++;
      else break;
    }
    this.#fault(p < end ? 'a line number is expected' : 'a list of line numbers does not end');
  }

  /** A number as its plain digits; a sign, a fraction or anything else is skipped and answered as null. */
  digits(): number | null {
    this.#blanks();
    const from = this.#p;
    let value = 0;
    let p = from;
    for (let d = (this.#b[p] ?? 0) - 48; d >= 0 && d < 10 && p < this.#end; d = (this.#b[++p] ?? 0) - 48) {
      value = value * 10 + d;
    }
    this.skip();
    return p === from ? null : value;
  }

  skip(): void {
    this.#blanks();
    const b = this.#b;
    const end = this.#end;
    const opened = this.#opened;
    let depth = 0;
    let p = this.#p;
    while (p < end) {
      const c = b[p] as number;
      // Numbers, commas, colons and blanks: most of what is skipped.
      if (c < FIRST_LETTER && c !== QUOTE && depth > 0) p++;
      else if (c === QUOTE) {
        this.#p = p;
        if (this.#string() === null) return;
        p = this.#p;
        if (depth === 0) return;
      } else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
        if (depth === MAX_DEPTH) {
          this.#fault(`it nests deeper than ${MAX_DEPTH}`);
          return;
        }
        opened[depth++] = c;
        p++;
      } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
        if (depth === 0) break;
        // In ASCII a bracket and its partner are two apart.
        if (opened[depth - 1] !== c - 2) {
          this.#fault('a bracket closes one of another kind');
          return;
        }
        p++;
        if (--depth === 0) break;
      } else if (depth === 0 && c === COMMA) break;
      else p++;
    }
    this.#p = p;
    if (depth > 0) this.#fault('it ends too early');
  }

  /** Behind the opening bracket of something that is not empty; false: the value is done with. */
  #enter(open: number, close: number): boolean {
    this.#blanks();
    if (this.#p >= this.#end || this.#b[this.#p] !== open) {
      this.skip();
      return false;
    }
    this.#p++;
    this.#blanks();
    if (this.#p < this.#end && this.#b[this.#p] === close) {
      this.#p++;
      return false;
    }
    if (++this.#depth > MAX_DEPTH) this.#fault(`it nests deeper than ${MAX_DEPTH}`);
    return true;
  }

  /** Behind the comma, or behind the closing bracket, which is the end. */
  #leaves(close: number): boolean {
    this.#blanks();
    const c = this.#p < this.#end ? this.#b[this.#p++] : -1;
    if (c === COMMA) return false;
    if (c !== close) this.#fault('a comma is expected');
    this.#depth--;
    return true;
  }

  #blanks(): void {
    while (this.#p < this.#end && (this.#b[this.#p] as number) <= 32) this.#p++;
  }

  /** Leaves the position behind the closing quote; answers the span between the quotes. */
  #string(): readonly [number, number] | null {
    const from = this.#p + 1;
    let at = from;
    for (;;) {
      at = this.#b.indexOf(QUOTE, at);
      if (at < 0 || at >= this.#end) {
        this.#fault('a string does not end');
        return null;
      }
      let slashes = at - 1;
      while (slashes >= from && this.#b[slashes] === BACKSLASH) slashes--;
      if ((at - slashes) % 2 === 1) break;
      at++;
    }
    this.#p = at + 1;
    return [from, at];
  }

  #key(): string | null {
    if (this.#b[this.#p] !== QUOTE) return null;
    const span = this.#string();
    if (span === null) return null;
    const text = this.#b.toString('utf8', span[0], span[1]);
    return text.includes('\\') ? unescapeJson(text) : text;
  }

  #fault(reason: string): void {
    this.#lines.refuse(`broken JSON at byte ${this.#p}: ${reason}`);
  }
}

const SHORT: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

const unescapeJson = (text: string): string =>
  text.replace(/\\(?:u([\da-fA-F]{4})|(.))/gs, (_, hex: string | undefined, c: string | undefined) =>
    hex === undefined ? (SHORT[c ?? ''] ?? c ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
