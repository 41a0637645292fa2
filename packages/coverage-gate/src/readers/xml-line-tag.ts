/** One tag that names a line, read attribute by attribute: in any order, with either quote. */
import type { OnceOnly, Span } from './xml-tag-shape.ts';

export type XmlDialect = 'cobertura' | 'clover' | 'jacoco' | 'opencover' | 'sonar-generic';

/** The element of a line and its attributes; those are told apart by their length and first two bytes. */
const LINE_ELEMENTS: {
  readonly [Dialect in XmlDialect]: { readonly tag: string; readonly line: string; readonly count: string };
} = {
  cobertura: { tag: 'line', line: 'number', count: 'hits' },
  clover: { tag: 'line', line: 'num', count: 'count' },
  jacoco: { tag: 'line', line: 'nr', count: 'ci' },
  opencover: { tag: 'SequencePoint', line: 'sl', count: 'vc' },
  'sonar-generic': { tag: 'lineToCover', line: 'lineNumber', count: 'covered' },
};

/** The tag goes on in bytes not yet read. */
export const INCOMPLETE: number = -1;
/** The tag is none that XML allows; `fault` says why. */
export const BROKEN: number = -2;

const QUOTE = 34;
const APOSTROPHE = 39;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const EQUALS = 61;
const GT = 62;
const CAPITAL_E = 69;
const LETTER_E = 101;
const ENOUGH_DIGITS = 100_000_000;
const TWICE = 'an attribute stands twice in one tag';

/** Holds what the tag said that was read last. */
export class LineTag {
  readonly tag: Buffer;
  /** Of the names of line and count. */
  readonly keys: OnceOnly;
  /** 0 where it is no number; negative without one. */
  line = -1;
  /** Of a range of lines; 0 without one. */
  lastLine = 0;
  /** Above zero when it ran; negative without a count. A count that is no plain number is uncovered, never dropped. */
  count = -1;
  /** The same of a condition: above zero when it was ever true or false. */
  outcomes = -1;
  /** The number of its file; negative without one. */
  file = -1;
  isMalformed = false;
  /** It is the head of a method, which Clover writes as a line. */
  isMethod = false;
  /** PHPUnit wrote that head, which then stands for a statement on its line, too. */
  hidesStatement = false;
  /** Where the digits of line and count stand. */
  lineAt: Span = NOWHERE;
  countAt: Span = NOWHERE;
  fault: { readonly at: number; readonly reason: string } = { at: 0, reason: '' };
  readonly #isClover: boolean;
  readonly #isOpenCover: boolean;
  /** The digits that were read last: as a number, and whether one is above zero. */
  #number = 0;
  #any = 0;

  constructor(dialect: XmlDialect) {
    const { tag, line, count } = LINE_ELEMENTS[dialect];
    this.tag = Buffer.from(tag);
    this.keys = { line: keyOf(line), count: keyOf(count) };
    this.#isClover = dialect === 'clover';
    this.#isOpenCover = dialect === 'opencover';
  }

  /** Both numbers are plain, and nothing else was said that counts. */
  get isPlain(): boolean {
    const hasDigits = this.lineAt.to > this.lineAt.from && this.countAt.to > this.countAt.from;
    return hasDigits && this.line > 0 && !this.isMalformed && !this.isMethod && !this.#isOpenCover;
  }

  /** From behind the name of the element to its `>`: answers where that stands, `INCOMPLETE` or `BROKEN`. */
  read(b: Buffer, from: number, end: number): number {
    this.#forget();
    let p = from;
    for (;;) {
      while (p < end && ((b[p] as number) <= 32 || b[p] === SLASH)) p++;
      if (p >= end) return INCOMPLETE;
      if (b[p] === GT) return p;
      const name = p;
      while (p < end && b[p] !== EQUALS && b[p] !== GT && (b[p] as number) > 32) p++;
      const key = attributeKey(b, name, p);
      while (p < end && ((b[p] as number) <= 32 || b[p] === EQUALS)) p++;
      if (p >= end) return INCOMPLETE;
      const quote = b[p] as number;
      if (quote !== QUOTE && quote !== APOSTROPHE) return this.#refuse(p, 'an attribute has no quoted value');
      const value = p + 1;
      p = this.#digits(b, value, end);
      if (!this.#take(key, b, { from: value, to: p })) return this.#refuse(name, TWICE);
      // Values are short: asking for the next quote costs more than looking.
      while (p < end && b[p] !== quote) p++;
      if (p >= end) return INCOMPLETE;
      p++;
    }
  }

  #forget(): void {
    this.line = -1;
    this.lastLine = 0;
    this.count = -1;
    this.outcomes = -1;
    this.file = -1;
    this.isMalformed = false;
    this.isMethod = false;
    this.hidesStatement = false;
    this.lineAt = NOWHERE;
    this.countAt = NOWHERE;
  }

  /** One attribute, whose value begins with the digits `b[from, to)`; false for one that stands there already. */
  #take(key: number, b: Buffer, digits: Span): boolean {
    const { from, to } = digits;
    const isQuoted = b[to] === b[from - 1];
    if (key === this.keys.line) {
      if (this.line >= 0) return false;
      this.line = isQuoted ? this.#number : 0;
      this.lineAt = digits;
    } else if (key === this.keys.count) {
      if (this.count >= 0) return false;
      this.#takeCount(key, b, digits);
    } else if (this.#isClover) {
      if (key === TYPE) this.isMethod ||= b[from] === LETTER_M;
      else if (key === CRAP) this.hidesStatement = true;
      else if (key === TRUE_COUNT || key === FALSE_COUNT) this.outcomes = Math.max(this.outcomes, 0) | this.#any;
    } else if (this.#isOpenCover) {
      if (key === LAST_LINE) this.lastLine = this.#number;
      else if (key === FILE_ID) this.file = this.#number;
    }
    return true;
  }

  #takeCount(key: number, b: Buffer, digits: Span): void {
    const { from, to } = digits;
    this.countAt = digits;
    this.count = this.#any;
    if (to > from && b[to] === b[from - 1]) return;
    if (to > from && this.#takeRest(b, from, to)) return;
    // Sonar's generic XML says true or false.
    this.count = key === COVERED && b[to] === LETTER_T ? 1 : 0;
    this.isMalformed = key !== COVERED || (b[to] !== LETTER_T && b[to] !== LETTER_F);
  }

  /** A fraction, of which a part of a run is one, too, and an exponent; false where the value is no number after all. */
  #takeRest(b: Buffer, from: number, to: number): boolean {
    let p = to;
    let any = this.count;
    if (b[p] === DOT) for (let d = (b[++p] ?? 0) - 48; d >= 0 && d < 10; d = (b[++p] ?? 0) - 48) any |= d;
    if (b[p] === LETTER_E || b[p] === CAPITAL_E) {
      if (b[p + 1] === PLUS || b[p + 1] === MINUS) p++;
      const first = ++p;
      while ((b[p] ?? 0) >= 48 && (b[p] ?? 0) < 58) p++;
      if (p === first) return false;
    }
    if (b[p] !== b[from - 1]) return false;
    this.count = any;
    this.countAt = NOWHERE;
    return true;
  }

  #digits(b: Buffer, from: number, end: number): number {
    let number = 0;
    let any = 0;
    let p = from;
    for (; p < end; p++) {
      const d = (b[p] as number) - 48;
      if (d < 0 || d > 9) break;
      if (number < ENOUGH_DIGITS) number = number * 10 + d;
      any |= d;
    }
    this.#number = number;
    this.#any = any;
    return p;
  }

  #refuse(at: number, reason: string): number {
    this.fault = { at, reason };
    return BROKEN;
  }
}

const NOWHERE: Span = { from: 0, to: 0 };
const LETTER_F = 102;
const LETTER_M = 109;
const LETTER_T = 116;

const attributeKey = (b: Buffer, from: number, to: number): number =>
  ((to - from) << 16) | ((b[from] as number) << 8) | (b[from + 1] as number);

const keyOf = (name: string): number => attributeKey(Buffer.from(name), 0, name.length);

const TYPE = keyOf('type');
const CRAP = keyOf('crap');
const TRUE_COUNT = keyOf('truecount');
const FALSE_COUNT = keyOf('falsecount');
const LAST_LINE = keyOf('el');
const FILE_ID = keyOf('fileid');
const COVERED = keyOf('covered');
