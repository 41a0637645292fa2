/**
 * XML reports: an element that names a file, then an element per line with a number and a count (OpenCover: a range of lines).
 * One pass over the bytes without a tree. A report that is not well-formed is refused as a whole, and so is a document
 * type with an internal subset (where entity bombs live).
 */

import type { TextDecoder } from 'node:util';
import { decoderOf } from '../adapters/text-decoder.ts';
import { ModuleNames } from './module-names.ts';
import { type FedReader, type LineSet, lineOf, type ReportLines } from './report-lines.ts';
import { readAttributes, resolveReferences } from './xml-attributes.ts';
import { OpenElements } from './xml-elements.ts';
import { BROKEN, INCOMPLETE, LineTag, type XmlDialect } from './xml-line-tag.ts';
import { TagShape } from './xml-tag-shape.ts';

/** What an element means to its reader. */
const NO_ROLE = 0;
const FILE = 1;
const PACKAGE = 2;
/** Its lines say something else than which statement ran. */
const ASIDE = 3;
const GROUP = 4;
/** OpenCover: a file and its number, and the number of the file that a method is in. */
const NUMBERED_FILE = 5;
const FILE_REFERENCE = 6;
const METHOD = 7;
/** Says what the whole report is about. */
const TITLE = 8;

const ROLES: { readonly [Dialect in XmlDialect]: Readonly<Record<string, number>> } = {
  cobertura: { class: FILE, methods: ASIDE },
  clover: { file: FILE, testproject: ASIDE },
  jacoco: { report: TITLE, group: GROUP, package: PACKAGE, sourcefile: FILE },
  opencover: { File: NUMBERED_FILE, FileRef: FILE_REFERENCE, Method: METHOD },
  'sonar-generic': { file: FILE },
};

const BANG = 33;
const SLASH = 47;
const LT = 60;
const GT = 62;
const QUESTION = 63;

export class XmlLinesReader implements FedReader {
  readonly kind = 'is-fed';
  readonly #lines: ReportLines;
  readonly #dialect: XmlDialect;
  readonly #tag: LineTag;
  readonly #roles: ReadonlyMap<number, readonly [name: string, role: number]>;
  readonly #elements = new OpenElements();
  #current: LineSet | null = null;
  #package = '';
  readonly #modules: ModuleNames = new ModuleNames();
  readonly #numbered: NumberedFiles = new Map();
  /** Of names that are not in UTF-8. */
  #decoder: TextDecoder | null = null;
  /** How many open elements keep their lines out. */
  #aside = 0;
  /** Bytes before those of this `feed`. */
  #before = 0;
  readonly #shape: TagShape;
  /** A head of PHPUnit's Clover behind which no statement came yet: its method has one, so that one is on the head's line. */
  #head: { readonly line: number; readonly any: number } | null = null;
  /** Where the text before the tag begins that is read. */
  #textFrom = 0;

  constructor(lines: ReportLines, dialect: XmlDialect) {
    this.#lines = lines;
    this.#dialect = dialect;
    this.#tag = new LineTag(dialect);
    this.#shape = new TagShape(dialect === 'cobertura' || dialect === 'jacoco' ? this.#tag.keys : null);
    this.#roles = new Map(
      Object.entries(ROLES[dialect]).map(([name, role]) => [elementKey(name.length, name.charCodeAt(0)), [name, role]]),
    );
  }

  feed(b: Buffer, end: number, last: boolean): number {
    let p = 0;
    this.#shape.look(b, end);
    while (this.#lines.fault === null) {
      if (this.#aside === 0 && this.#current !== null) p = this.#readAlike(p, this.#current);
      this.#textFrom = p;
      // Between two lines stand a few blanks: asking for the next bracket costs more than looking.
      let open = p;
      while (open < end && b[open] !== LT) open++;
      if (open > p && this.#elements.depth === 0 && !isBlank(b, p, open)) this.#refuse(p, 'text outside the root');
      if (open === end) {
        p = end;
        break;
      }
      const next =
        this.#aside === 0 && isTag(b, open, this.#tag.tag)
          ? this.#readLineTag(b, open, end)
          : this.#readOtherTag(b, open, end);
      if (next === INCOMPLETE) {
        p = open;
        break;
      }
      p = next;
    }
    if (last && (p < end || !this.#elements.complete)) this.#lines.truncated = true;
    if (last) {
      this.#lines.close();
      this.#modules.shorten(this.#lines);
    }
    this.#before += p;
    return last ? end : p;
  }

  #readLineTag(b: Buffer, open: number, end: number): number {
    const tag = this.#tag;
    const close = tag.read(b, open + 1 + tag.tag.length, end);
    if (close === INCOMPLETE) return INCOMPLETE;
    if (close === BROKEN) return this.#refuse(tag.fault.at, tag.fault.reason);
    if (b[close - 1] !== SLASH) this.#enter(b, open + 1, close);
    else if (tag.isPlain && tag.lineAt.to < tag.countAt.from && isBlank(b, this.#textFrom, open))
      this.#shape.learn({ from: this.#textFrom, line: tag.lineAt, count: tag.countAt, to: close + 1 });
    if (tag.isMalformed) this.#lines.malformed++;
    if (this.#dialect === 'opencover') this.#markPoint([tag.line, tag.lastLine], tag.count, tag.file);
    else if (tag.isMethod) this.#markHead(tag.hidesStatement ? { line: tag.line, any: tag.count } : null);
    else {
      this.#head = null;
      this.#markLine(tag.line, tag.count < 0 ? tag.outcomes : tag.count);
    }
    return close + 1;
  }

  /** Tags of the shape that was learned last, of which none is a head. */
  #readAlike(from: number, set: LineSet): number {
    const to = this.#shape.readAll(from, set, this.#lines.maxLine);
    if (to > from) this.#head = null;
    return to;
  }

  /** The head before `next`, which may be none, was the whole of its method. */
  #markHead(next: { readonly line: number; readonly any: number } | null): void {
    const head = this.#head;
    this.#head = next;
    if (head !== null) this.#markLine(head.line, head.any);
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

  /** A sequence point names its file by number, or stands in a method that does. */
  #markPoint([line, lastLine]: readonly [number, number], any: number, file: number): void {
    if (line === HIDDEN_POINT) return;
    const set = file < 0 ? this.#current : (this.#numbered.get(file) ?? null);
    if (set === null || any < 0) this.#lines.rejected++;
    else this.#lines.markRange(set, { start: line, end: Math.max(line, lastLine) }, any > 0);
  }

  #readOtherTag(b: Buffer, open: number, end: number): number {
    if (open + 1 >= end) return INCOMPLETE;
    const first = b[open + 1];
    if (first === BANG || first === QUESTION) return this.#skipMarkup(b, open, end);
    const close = tagEnd(b, open, end);
    if (close === INCOMPLETE) return INCOMPLETE;
    if (isSourceTag(b, open) && !this.#readSource(b, close, end)) return INCOMPLETE;
    // An empty element that stands aside means nothing, and there are many.
    if (first === SLASH) this.#leave(b, open + 2, close - 1);
    else if (this.#aside === 0 || b[close - 2] !== SLASH) this.#enter(b, open + 1, close - 1);
    return close;
  }

  /**
   * The folder that Cobertura's names are relative to, as text of an element, between comments and in parts without references; false where it
   * goes on in bytes not yet read.
   */
  #readSource(b: Buffer, from: number, end: number): boolean {
    let text = '';
    for (let p = from; p !== INCOMPLETE && p < end; ) {
      const to = b.indexOf(LT, p);
      if (to < 0 || to + CDATA.length > end) return false;
      text += resolveReferences(this.#text(b, p, to));
      const markup = b.toString('latin1', to, to + CDATA.length);
      if (markup.startsWith('<!--')) p = within(after(b, '-->', to + 4), end);
      else if (markup === CDATA) {
        p = within(after(b, ']]>', to + CDATA.length), end);
        if (p !== INCOMPLETE) text += this.#text(b, to + CDATA.length, p - ']]>'.length);
      } else {
        if (this.#dialect === 'cobertura') this.#lines.addSource(text.trim());
        return true;
      }
    }
    return false;
  }

  /** A start tag without its brackets. */
  #enter(b: Buffer, from: number, to: number): void {
    const nameEnd = elementNameEnd(b, from, to);
    const closed = b[to - 1] === SLASH;
    const role = this.#roleOf(b, from, nameEnd);
    const fault = this.#elements.open(b, { from, to: nameEnd }, role);
    if (fault !== null) this.#refuse(from, fault);
    else if (role !== NO_ROLE) this.#begin(role, readAttributes(this.#text(b, nameEnd, closed ? to - 1 : to)), from);
    if (closed && fault === null) this.#end(this.#elements.close());
  }

  /** An end tag without its brackets and slash. */
  #leave(b: Buffer, from: number, to: number): void {
    const nameEnd = elementNameEnd(b, from, to);
    const fault = isBlank(b, nameEnd, to)
      ? this.#elements.checkEnd(b, from, nameEnd)
      : 'an end tag holds more than a name';
    if (fault === null) this.#end(this.#elements.close());
    else this.#refuse(from, fault);
  }

  #roleOf(b: Buffer, from: number, to: number): number {
    const known = this.#roles.get(elementKey(to - from, b[from] as number));
    return known !== undefined && b.toString('latin1', from, to) === known[0] ? known[1] : NO_ROLE;
  }

  #begin(role: number, attributes: ReadonlyMap<string, string> | null, at: number): void {
    if (attributes === null) this.#refuse(at, 'a tag holds something that is no attribute');
    else if (role === ASIDE) this.#aside++;
    else if (role === TITLE) this.#lines.title = attributes.get('name') ?? '';
    else if (role === GROUP) this.#modules.enter(attributes.get('name') ?? '');
    else if (role === PACKAGE) this.#package = attributes.get('name') ?? '';
    else if (role === NUMBERED_FILE) this.#number(attributes);
    else if (role === FILE_REFERENCE) this.#current = this.#numbered.get(lineOf(attributes.get('uid') ?? '')) ?? null;
    else if (role === METHOD) this.#current = null;
    else if (this.#aside === 0) this.#open(this.#fileNamedBy(attributes));
  }

  #end(role: number): void {
    if (role === FILE) this.#markHead(null);
    if (role === FILE || role === METHOD) this.#current = null;
    else if (role === PACKAGE) this.#package = '';
    else if (role === ASIDE) this.#aside--;
    else if (role === GROUP) this.#modules.leave();
  }

  #fileNamedBy(attributes: ReadonlyMap<string, string>): string | undefined {
    if (this.#dialect === 'cobertura') return attributes.get('filename');
    const name = attributes.get('name');
    if (this.#dialect === 'clover') return attributes.get('path') ?? name;
    if (this.#dialect === 'sonar-generic') return attributes.get('path');
    if (name === undefined) return undefined;
    return this.#modules.nameOf(this.#package === '' ? name : `${this.#package}/${name}`);
  }

  #number(attributes: ReadonlyMap<string, string>): void {
    const set = this.#lines.file(attributes.get('fullPath') ?? '');
    if (set === null) this.#lines.rejected++;
    else this.#numbered.set(lineOf(attributes.get('uid') ?? ''), set);
    this.#current = null;
  }

  #open(path: string | undefined): void {
    this.#current = path === undefined ? null : this.#lines.open(path);
    if (this.#current === null) this.#lines.rejected++;
  }

  /** Comments, CDATA, processing instructions, the document type. */
  #skipMarkup(b: Buffer, open: number, end: number): number {
    const start = b.toString('latin1', open, Math.min(end, open + CDATA.length));
    if (start.startsWith('<?')) return this.#readInstruction(b, open, within(after(b, '?>', open + 2), end));
    if (start.startsWith('<!--')) return within(after(b, '-->', open + 4), end);
    if (start.length < CDATA.length) return INCOMPLETE;
    if (start === CDATA) {
      if (this.#elements.depth === 0) return this.#refuse(open, 'text outside the root');
      return within(after(b, ']]>', open + CDATA.length), end);
    }
    const close = tagEnd(b, open, end);
    if (b.subarray(open, close === INCOMPLETE ? end : close).includes(91)) {
      this.#lines.refuse('its document type has an internal subset');
      return end;
    }
    if (close !== INCOMPLETE && this.#elements.depth > 0) return this.#refuse(open, 'a declaration inside the root');
    return close;
  }

  /** Only the one that a document begins with says something here: what it is written in. */
  #readInstruction(b: Buffer, open: number, close: number): number {
    if (close !== INCOMPLETE && this.#before + open === 0) {
      const declared = DECLARED_ENCODING.exec(b.toString('latin1', open, close));
      if (declared !== null) this.#decoder = decoderOf(declared[1] as string);
    }
    return close;
  }

  #text(b: Buffer, from: number, to: number): string {
    return this.#decoder === null ? b.toString('utf8', from, to) : this.#decoder.decode(b.subarray(from, to));
  }

  /** Answers a position, as the reader of a tag does. */
  #refuse(at: number, reason: string): number {
    this.#lines.refuse(`broken XML at byte ${this.#before + at}: ${reason}`);
    return at;
  }
}

/** Where a compiler says that no source stands behind a sequence point. */
const HIDDEN_POINT = 0xfeefee;
type NumberedFiles = Map<number, LineSet>;
const CDATA = '<![CDATA[';
const DECLARED_ENCODING = /^<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]{1,40})["']/;

function isTag(b: Buffer, open: number, tag: Buffer): boolean {
  // The short one is `line`, and a report is made of it.
  if (tag.length === 4)
    return (
      b[open + 1] === 108 &&
      b[open + 2] === 105 &&
      b[open + 3] === 110 &&
      b[open + 4] === 101 &&
      (b[open + 5] ?? 255) <= 32
    );
  const end = open + 1 + tag.length;
  for (let p = open + 1, at = 0; p < end; p++, at++) if (b[p] !== tag[at]) return false;
  return (b[end] ?? 255) <= 32;
}

/** `<source>`, with or without attributes. */
const isSourceTag = (b: Buffer, at: number): boolean =>
  b[at + 1] === 115 &&
  b.toString('latin1', at + 1, at + 7) === 'source' &&
  (b[at + 7] === GT || (b[at + 7] ?? 255) <= 32);

const elementKey = (length: number, first: number): number => (length << 8) | first;

function elementNameEnd(b: Buffer, from: number, to: number): number {
  let p = from;
  while (p < to && (b[p] as number) > 32 && b[p] !== SLASH) p++;
  return p;
}

function isBlank(b: Buffer, from: number, to: number): boolean {
  for (let p = from; p < to; p++) if ((b[p] as number) > 32) return false;
  return true;
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
