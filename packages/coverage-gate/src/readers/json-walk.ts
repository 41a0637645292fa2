/**
 * Walks JSON bytes without building objects: the caller visits the keys it wants and skips the rest. Bytes are asked for as they are
 * needed, and those that were visited are given up. The first fault stops every walk; nesting is bounded; nothing throws.
 */
import type { LineSet, ReportBytesAhead, ReportLines } from './report-lines.ts';

const MAX_DEPTH = 64;
const ENOUGH_DIGITS = 100_000_000;
/** Of a longer string the end is asked for, which costs as much as looking at some fifty bytes. */
const SHORT_STRING = 48;
const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const LETTER_N = 110;
const LETTER_T = 116;
const NO_BYTE = -1;

export class JsonWalk {
  readonly #ahead: ReportBytesAhead;
  readonly #lines: ReportLines;
  /** The brackets that are open in the value being skipped. */
  readonly #opened = new Uint8Array(MAX_DEPTH + 1);
  #b: Buffer;
  #view: DataView;
  #end: number;
  #p = 0;
  /** Bytes that were given up. */
  #before = 0;
  /** How many objects and lists are being visited. */
  #depth = 0;

  constructor(ahead: ReportBytesAhead, lines: ReportLines) {
    this.#ahead = ahead;
    this.#lines = lines;
    this.#b = ahead.bytes;
    this.#view = viewOf(this.#b);
    this.#end = ahead.end;
  }

  get sound(): boolean {
    return this.#lines.fault === null;
  }

  /** Whether the next value is a list. */
  get atList(): boolean {
    return this.#next() === OPEN_BRACKET;
  }

  /** Where the walk stands in the whole document. */
  get #at(): number {
    return this.#before + this.#p;
  }

  /** Only blanks may follow the document. */
  finish(): void {
    if (this.#next() !== NO_BYTE && this.sound) this.#fault('unexpected bytes after the document');
  }

  /** Visits every key; the visitor must read or skip exactly the value. A value that is no object is skipped. */
  object(visit: (key: string) => void): void {
    if (!this.#enter(OPEN_BRACE, CLOSE_BRACE)) return;
    while (this.sound) {
      const key = this.#key();
      if (key === null || this.#take() !== COLON) {
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
    const text = this.#key();
    if (text === null) this.skip();
    return text;
  }

  /** True for the literal `true` alone. */
  flag(): boolean {
    const isTrue = this.#next() === LETTER_T;
    this.skip();
    return isTrue;
  }

  /**
   * Whether a count says that something ran: a number, `"1/2"` (one branch of two) or `true` (a part). Null for `null` and
   * `"ignored"`, which are no code. Everything else is malformed and did not run.
   */
  count(): boolean | null {
    const c = this.#next();
    if (c === QUOTE) {
      const text = this.text();
      if (text === 'ignored') return null;
      if (text !== null && /^\d{1,30}\/\d{1,30}$/.test(text)) return /^0*[1-9]/.test(text);
      this.#lines.malformed++;
      return false;
    }
    const start = this.#at;
    let any = 0;
    let isNumber = false;
    for (let d = this.#digit(); d >= 0; d = this.#digit()) {
      any |= d;
      isNumber = true;
    }
    if (isNumber && this.#isAt(DOT)) {
      this.#p++;
      for (let d = this.#digit(); d >= 0; d = this.#digit()) any |= d;
    }
    this.#skipRest(start);
    if (isNumber) return any > 0;
    if (c === LETTER_N) return null;
    if (c === LETTER_T) return true;
    this.#lines.malformed++;
    return false;
  }

  /** Marks the line numbers of a list; anything but whole numbers in it is a fault. */
  lineList(set: LineSet, covered: boolean): void {
    const isList = this.#next() === OPEN_BRACKET;
    const at = this.#at;
    if (!isList) {
      this.#fault('a list of line numbers is expected');
      return;
    }
    this.#p++;
    for (;;) {
      this.#p = readPlainLines(this.#b, this.#p, { set, covered, end: this.#end, maxLine: this.#lines.maxLine });
      const c = this.#next();
      if (c >= 48 && c < 58) this.#lines.mark(set, this.#line(), covered);
      else if (c === COMMA) this.#p++;
      else if (c === CLOSE_BRACKET) {
        this.#p++;
        return;
      } else {
        this.#fault(c === NO_BYTE ? 'a list of line numbers does not end' : 'a line number is expected', at);
        return;
      }
      if (!this.sound) return;
    }
  }

  /** A number as its plain digits; a sign, a fraction or anything else is skipped and answered as null. */
  digits(): number | null {
    this.#next();
    const start = this.#at;
    let value: number | null = null;
    for (let d = this.#digit(); d >= 0; d = this.#digit()) value = (value ?? 0) * 10 + d;
    this.#skipRest(start);
    return value;
  }

  skip(): void {
    this.#next();
    this.#skipRest(this.#at);
  }

  /** The rest of a value that begins at `start`, for which a fault is named that no string comes before. */
  #skipRest(start: number): void {
    this.#next();
    const opened = this.#opened;
    let at = start;
    let depth = 0;
    for (;;) {
      if (depth > 0) this.#p = plainEnd(this.#view, this.#p, this.#end);
      if (this.#p >= this.#end && !this.#more(this.#p)) break;
      const c = this.#b[this.#p] as number;
      if (c === QUOTE) {
        if (this.#string() < 0 || depth === 0) return;
        at = this.#at;
      } else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
        if (depth === MAX_DEPTH) {
          this.#fault(`it nests deeper than ${MAX_DEPTH}`, at);
          return;
        }
        opened[depth++] = c;
        this.#p++;
      } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
        if (depth === 0) return;
        // In ASCII a bracket and its partner are two apart.
        if (opened[depth - 1] !== c - 2) {
          this.#fault('a bracket closes one of another kind', at);
          return;
        }
        this.#p++;
        if (--depth === 0) return;
      } else if (depth === 0 && c === COMMA) return;
      else this.#p++;
    }
    if (depth > 0) this.#fault('it ends too early');
  }

  /** Behind the opening bracket of something that is not empty; false: the value is done with. */
  #enter(open: number, close: number): boolean {
    if (this.#next() !== open) {
      this.skip();
      return false;
    }
    this.#p++;
    if (this.#next() === close) {
      this.#p++;
      return false;
    }
    if (++this.#depth > MAX_DEPTH) this.#fault(`it nests deeper than ${MAX_DEPTH}`);
    return true;
  }

  /** Behind the comma, or behind the closing bracket, which is the end. */
  #leaves(close: number): boolean {
    const c = this.#take();
    if (c === COMMA) return false;
    if (c !== close) this.#fault('a comma is expected');
    this.#depth--;
    return true;
  }

  /** The next byte that is no blank, and behind it. */
  #take(): number {
    const c = this.#next();
    if (c !== NO_BYTE) this.#p++;
    return c;
  }

  /** The next byte that is no blank, and on it. */
  #next(): number {
    for (;;) {
      while (this.#p < this.#end) {
        const c = this.#b[this.#p] as number;
        if (c > 32) return c;
        this.#p++;
      }
      if (!this.#more(this.#p)) return NO_BYTE;
    }
  }

  /** Whether this byte stands here. */
  #isAt(byte: number): boolean {
    return (this.#p < this.#end || this.#more(this.#p)) && this.#b[this.#p] === byte;
  }

  /** The digit that stands here, and behind it; negative when there is none. */
  #digit(): number {
    if (this.#p >= this.#end && !this.#more(this.#p)) return NO_BYTE;
    const d = (this.#b[this.#p] as number) - 48;
    if (d < 0 || d > 9) return NO_BYTE;
    this.#p++;
    return d;
  }

  /** A line number whose digits may be many, and may be cut by the end of what is at hand. */
  #line(): number {
    let line = 0;
    for (let d = this.#digit(); d >= 0; d = this.#digit()) if (line < ENOUGH_DIGITS) line = line * 10 + d;
    return line;
  }

  /** Where the string that begins here starts; negative when it does not end. The position is then behind its closing quote. */
  #string(): number {
    const from = this.#p + 1;
    const near = Math.min(this.#end, from + SHORT_STRING);
    for (let at = from; at < near; at++) {
      const c = this.#b[at];
      if (c === BACKSLASH) break;
      if (c === QUOTE) {
        this.#p = at + 1;
        return from;
      }
    }
    return this.#longString();
  }

  #longString(): number {
    let at = this.#p + 1;
    for (;;) {
      at = this.#b.indexOf(QUOTE, at);
      if (at < 0 || at >= this.#end) {
        const searched = this.#end - this.#p;
        if (!this.#more(this.#p)) {
          this.#fault('a string does not end');
          return NO_BYTE;
        }
        at = this.#p + searched;
        continue;
      }
      let slashes = at - 1;
      while (slashes > this.#p && this.#b[slashes] === BACKSLASH) slashes--;
      if ((at - slashes) % 2 === 1) break;
      at++;
    }
    const from = this.#p + 1;
    this.#p = at + 1;
    return from;
  }

  #key(): string | null {
    if (this.#next() !== QUOTE) return null;
    const from = this.#string();
    if (from < 0) return null;
    const text = this.#b.toString('utf8', from, this.#p - 1);
    return text.includes('\\') ? unescapeJson(text) : text;
  }

  /** More bytes; what stands before `keep` is given up, and the position is moved there. False when there are none. */
  #more(keep: number): boolean {
    const isMore = this.#ahead.more(keep);
    const { bytes, end } = this.#ahead;
    if (this.#b !== bytes) this.#view = viewOf(bytes);
    this.#b = bytes;
    this.#end = end;
    this.#before += keep;
    this.#p = 0;
    return isMore;
  }

  #fault(reason: string, at: number = this.#at): void {
    this.#lines.refuse(`broken JSON at byte ${at}: ${reason}`);
  }
}

const viewOf = (b: Buffer): DataView => new DataView(b.buffer, b.byteOffset, b.length);

/** Numbers, commas, colons and blanks, most of what is skipped: below 64 are no brackets and no letters. Four at a time. */
function plainEnd(b: DataView, from: number, end: number): number {
  let p = from;
  for (; p + 4 <= end; p += 4) {
    const four = b.getInt32(p, true);
    const quotes = four ^ FOUR_QUOTES;
    if (((four & 0xc0c0c0c0) | ((quotes - 0x01010101) & ~quotes & 0x80808080)) !== 0) break;
  }
  for (; p < end; p++) {
    const c = b.getUint8(p);
    if (c >= 64 || c === QUOTE) break;
  }
  return p;
}

const FOUR_QUOTES = 0x22222222;
/** As many bytes hold any number that is read here. */
const MAX_NUMBER_BYTES = 16;

interface LineTarget {
  readonly set: LineSet;
  readonly covered: boolean;
  readonly end: number;
  readonly maxLine: number;
}

/** Numbers that are at hand as a whole, of lines there is room for. Answers where the first other thing starts. */
function readPlainLines(b: Buffer, from: number, { set, covered, end, maxLine }: LineTarget): number {
  const { seen, hit } = set;
  const last = end - MAX_NUMBER_BYTES;
  const limit = Math.min(maxLine, seen.length * 32 - 1);
  const mask = covered ? -1 : 0;
  let p = from;
  while (p <= last) {
    const c = b[p] as number;
    if (c === COMMA || c <= 32) {
      p++;
      continue;
    }
    let line = 0;
    let to = p;
    let d = c - 48;
    while (d >= 0 && d < 10 && line < ENOUGH_DIGITS) {
      line = line * 10 + d;
      d = (b[++to] as number) - 48;
    }
    if (line === 0 || line > limit) return p;
    const bit = 1 << (line & 31);
    seen[line >>> 5] = (seen[line >>> 5] as number) | bit;
    hit[line >>> 5] = (hit[line >>> 5] as number) | (bit & mask);
    p = to;
  }
  return p;
}

const SHORT: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

const unescapeJson = (text: string): string =>
  text.replace(/\\(?:u([\da-fA-F]{4})|(.))/gs, (_, hex: string | undefined, c: string | undefined) =>
    hex === undefined ? (SHORT[c ?? ''] ?? c ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
