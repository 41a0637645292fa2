/**
 * Cobertura, Clover and JaCoCo reports: an element that names a file, then `<line>` elements with a number and a count.
 * One pass over the bytes without a tree. A document type with an internal subset (where entity bombs live) is refused,
 * only the five predefined and the numeric character references are resolved.
 */
import type { LineSet, ReportLines, ReportReader } from './report-lines.ts';

export type XmlDialect = 'cobertura' | 'clover' | 'jacoco';

/**
 * Attribute names as (length, first byte, second byte), which distinguishes them within a `<line>` of their dialect.
 */
const LINE_ATTRIBUTES: { readonly [Dialect in XmlDialect]: { readonly line: string; readonly count: string } } = {
  cobertura: { line: 'number', count: 'hits' },
  clover: { line: 'num', count: 'count' },
  jacoco: { line: 'nr', count: 'ci' },
};

const LT = 60;
const GT = 62;
const ENOUGH_DIGITS = 100_000_000;
/** What `readLineTag` and `readOtherTag` answer when the tag goes on in bytes not yet read. */
const INCOMPLETE = -1;

export class XmlLinesReader implements ReportReader {
  readonly wholeDocument = false;
  readonly #lines: ReportLines;
  readonly #dialect: XmlDialect;
  readonly #lineName: readonly [number, number, number];
  readonly #countName: readonly [number, number, number];
  #current: LineSet | null = null;
  #package = '';
  #countsMethods = false;
  #rootClosed = false;

  constructor(lines: ReportLines, dialect: XmlDialect) {
    this.#lines = lines;
    this.#dialect = dialect;
    this.#lineName = fingerprint(LINE_ATTRIBUTES[dialect].line);
    this.#countName = fingerprint(LINE_ATTRIBUTES[dialect].count);
  }

  feed(b: Buffer, end: number, last: boolean): number {
    let p = 0;
    while (this.#lines.fault === null) {
      const open = b.indexOf(LT, p);
      if (open < 0 || open >= end) {
        p = end;
        break;
      }
      const next = isLineTag(b, open) ? this.#readLineTag(b, open + 5, end) : this.#readOtherTag(b, open, end);
      if (next === INCOMPLETE) {
        p = open;
        break;
      }
      p = next;
    }
    if (last && (p < end || !this.#rootClosed)) this.#lines.truncated = true;
    return last ? end : p;
  }

  /** Attributes in any order, either quote. A count that is no plain number is uncovered, never dropped. */
  #readLineTag(b: Buffer, from: number, end: number): number {
    const [lineLength, line0, line1] = this.#lineName;
    const [countLength, count0, count1] = this.#countName;
    let p = from;
    let line = 0;
    let any = -1;
    let method = false;
    for (;;) {
      while (p < end && ((b[p] as number) <= 32 || b[p] === 47)) p++;
      if (p >= end) return INCOMPLETE;
      if (b[p] === GT) break;
      const name = p;
      while (p < end && b[p] !== 61 && b[p] !== GT && (b[p] as number) > 32) p++;
      const length = p - name;
      while (p < end && ((b[p] as number) <= 32 || b[p] === 61)) p++;
      if (p >= end) return INCOMPLETE;
      const quote = b[p];
      if (quote !== 34 && quote !== 39) {
        if (length === 0 && quote !== GT) p++;
        continue;
      }
      const value = ++p;
      let d = (b[p] as number) - 48;
      if (length === lineLength && b[name] === line0 && b[name + 1] === line1) {
        line = 0;
        while (d >= 0 && d < 10 && line < ENOUGH_DIGITS && p < end) {
          line = line * 10 + d;
          d = (b[++p] as number) - 48;
        }
        if (b[p] !== quote) line = 0;
      } else if (length === countLength && b[name] === count0 && b[name + 1] === count1) {
        any = 0;
        while (d >= 0 && d < 10 && p < end) {
          any |= d;
          d = (b[++p] as number) - 48;
        }
        if (p < end && (b[p] !== quote || p === value)) {
          any = 0;
          this.#lines.malformed++;
        }
      } else if (length === 4 && b[name] === 116 && b[p] === 109) method = true;
      if (b[p] !== quote) p = b.indexOf(quote, p);
      if (p < 0 || p >= end) return INCOMPLETE;
      p++;
    }
    if (!method || this.#countsMethods || this.#dialect !== 'clover') this.#markLine(line, any);
    return p + 1;
  }

  #markLine(line: number, any: number): void {
    const current = this.#current;
    if (current === null || line <= 0 || line > this.#lines.maxLine || any < 0) {
      this.#lines.rejected++;
      return;
    }
    const word = line >>> 5;
    if (word >= current.seen.length && !this.#lines.grow(current, word)) return;
    const bit = 1 << (line & 31);
    current.seen[word] = (current.seen[word] as number) | bit;
    if (any > 0) current.hit[word] = (current.hit[word] as number) | bit;
  }

  #readOtherTag(b: Buffer, open: number, end: number): number {
    const first = b[open + 1];
    if (first === 33 || open + 1 >= end) return this.#skipMarkup(b, open, end);
    const close = tagEnd(b, open, end);
    if (close !== INCOMPLETE && isWanted(b, open)) this.#enter(b.toString('utf8', open + 1, close - 1));
    return close;
  }

  #enter(tag: string): void {
    const name = /^\/?[\w:.-]+/.exec(tag)?.[0] ?? '';
    if (name === '/coverage' || name === '/report') this.#rootClosed = true;
    const ended = name === '/class' || name === '/file' || name === '/sourcefile';
    if (ended) this.#current = null;
    if (name === 'coverage') {
      this.#countsMethods = !/\sclover\s*=/.test(tag);
      if (tag.endsWith('/')) this.#rootClosed = true;
    }
    if (this.#dialect === 'jacoco' && name === 'package') this.#package = attribute(tag, 'name') ?? '';
    const path = this.#pathNamedBy(name, tag);
    if (path !== undefined) this.#open(path);
  }

  #pathNamedBy(element: string, tag: string): string | null | undefined {
    if (this.#dialect === 'cobertura') return element === 'class' ? attribute(tag, 'filename') : undefined;
    if (this.#dialect === 'clover')
      return element === 'file' ? (attribute(tag, 'path') ?? attribute(tag, 'name')) : undefined;
    if (element !== 'sourcefile') return undefined;
    const name = attribute(tag, 'name');
    return name === null || this.#package === '' ? name : `${this.#package}/${name}`;
  }

  #open(path: string | null): void {
    this.#current = path === null ? null : this.#lines.file(path);
    if (this.#current === null) this.#lines.rejected++;
  }

  /** Comments, CDATA, the document type. */
  #skipMarkup(b: Buffer, open: number, end: number): number {
    const start = b.toString('latin1', open, Math.min(end, open + 9));
    if (start.startsWith('<!--')) return within(after(b, '-->', open + 4), end);
    if (start.startsWith('<![CDATA[')) return within(after(b, ']]>', open + 9), end);
    const close = tagEnd(b, open, end);
    if (start.startsWith('<!') && b.subarray(open, close === INCOMPLETE ? end : close).includes(91)) {
      this.#lines.refuse('its document type has an internal subset');
      return end;
    }
    return close;
  }
}

const fingerprint = (name: string): readonly [number, number, number] => [
  name.length,
  name.charCodeAt(0),
  name.charCodeAt(1),
];

const isLineTag = (b: Buffer, at: number): boolean =>
  b[at + 1] === 108 && b[at + 2] === 105 && b[at + 3] === 110 && b[at + 4] === 101 && (b[at + 5] ?? 255) <= 32;

/**
 * Elements that name a file or its folder, and the root: c(lass|overage), f(ile), r(eport), p(ackage), s(ourcefile).
 */
function isWanted(b: Buffer, open: number): boolean {
  const c = b[b[open + 1] === 47 ? open + 2 : open + 1];
  return c === 99 || c === 102 || c === 112 || c === 114 || c === 115;
}

function after(b: Buffer, mark: string, from: number): number {
  const at = b.indexOf(mark, from, 'latin1');
  return at < 0 ? INCOMPLETE : at + mark.length;
}

const within = (at: number, end: number): number => (at > end ? INCOMPLETE : at);

/** Just behind the `>` that closes the tag; one inside a quoted value does not. */
function tagEnd(b: Buffer, open: number, end: number): number {
  let quote = 0;
  for (let p = open + 1; p < end; p++) {
    const c = b[p] as number;
    if (quote !== 0) {
      if (c === quote) quote = 0;
    } else if (c === GT) return p + 1;
    else if (c === 34 || c === 39) quote = c;
  }
  return INCOMPLETE;
}

function attribute(tag: string, name: string): string | null {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag);
  const raw = found?.[1] ?? found?.[2];
  return raw === undefined ? null : raw.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(lt|gt|amp|quot|apos));/gi, resolve);
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** As `replace` calls it: the match, then its groups. */
function resolve(whole: string, ...[decimal, hex, name]: readonly (string | undefined)[]): string {
  if (name !== undefined) return NAMED[name] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
