/**
 * Runs of base64 and hex in a text, and what they decode to where that is readable: text of one or two bytes a character, or
 * the content of a compressed stream. Digests, identifiers and images decode to noise and are turned away by their first bytes.
 */
import { isUtf8 } from 'node:buffer';
import { openArchive } from '../adapters/archive.ts';
import { type Gathered, gather, type Part } from './parts.ts';

const LEAST = 20;
/** 0 for what stands in no run; 1 for base64 and base64url; 2 for what often joins words, too; 4 adds: a hex digit. */
const CLASS = new Uint8Array(128);
const SEXTET = new Uint8Array(128);
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
for (const [value, letter] of [...LETTERS].entries()) {
  CLASS[letter.charCodeAt(0)] = /[0-9a-fA-F]/.test(letter) ? 5 : 1;
  SEXTET[letter.charCodeAt(0)] = value;
}
for (const [letter, value] of [
  ['+', 62],
  ['-', 62],
  ['/', 63],
  ['_', 63],
] as const) {
  CLASS[letter.charCodeAt(0)] = 2;
  SEXTET[letter.charCodeAt(0)] = value;
}

/** All runs that decode to something readable: for either code one text with a place for each, null when there is none. */
export function decodeRuns(text: string, bytes: Uint8Array): readonly (readonly ['base64' | 'hex', Gathered | null])[] {
  const base64: Part[] = [];
  const hex: Part[] = [];
  // Offsets in bytes are offsets in text only where each character is a byte.
  const plain = text.length === bytes.length ? bytes : Buffer.from(text, 'latin1');
  /** Whether something was, from the first line on. */
  const decode = (lines: readonly Run[], tries: number): boolean => {
    const part = decodeLines(lines, { text, bytes: plain, tries });
    if (part !== null) (lines[0]?.hex === true ? hex : base64).push(part);
    return part?.start === lines[0]?.start;
  };
  codesIn(plain, decode);
  return [
    ['base64', gather(base64)],
    ['hex', gather(hex)],
  ];
}

/** Letters of one of the codes, without a break. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly hex: boolean;
}

/** How often the lines of one code are tried anew. */
const TRIES = 12;

/** Of a code that is many lines long so many are looked at before all of them are. */
const FEW = 3;

/** What the lines say from the first one on that begins something readable; a line of something else may stand above or below. */
function decodeLines(
  lines: readonly Run[],
  { text, bytes, tries: most }: { readonly text: string; readonly bytes: Uint8Array; readonly tries: number },
): Part | null {
  const codeOf = (some: readonly Run[]): string => some.map(({ start, end }) => text.slice(start, end)).join('');
  for (let at = 0, tries = 0; at < lines.length && tries < most; at += 1) {
    const first = lines[at];
    if (first === undefined || (most === 1 && at > 0)) break;
    const { hex } = first;
    if (
      !begins(first, bytes) ||
      !maySayMore(codeOf(lines.slice(at, at + FEW)), { hex, isAll: lines.length <= at + FEW })
    )
      continue;
    tries += 1;
    for (const some of most > 1 && at + 1 < lines.length ? [lines.slice(at), lines.slice(at, -1)] : [lines.slice(at)]) {
      const decoded = decodeCode(codeOf(some), hex);
      if (decoded !== null) return { start: first.start, end: some.at(-1)?.end ?? first.end, text: decoded };
    }
  }
  return null;
}

const decodeCode = (code: string, hex: boolean): string | null =>
  hex ? readable(Buffer.from(code, 'hex')) : decodeBase64(code, Buffer.from(code, 'latin1'));

/** Whether the first lines alone are readable, or the head of a file that is not until it is whole. */
function maySayMore(code: string, { hex, isAll }: { readonly hex: boolean; readonly isAll: boolean }): boolean {
  if (isAll) return true;
  const [first, second] = Buffer.from(code.slice(0, 8), hex ? 'hex' : 'base64');
  return isHead(first, second) || decodeCode(code, hex) !== null;
}

/** Whether something readable may begin in the line. */
function begins({ start, end, hex }: Run, bytes: Uint8Array): boolean {
  const line = bytes.subarray(start, end);
  if (hex) return !isNoise(Buffer.from(Buffer.from(line.subarray(0, 24)).toString('latin1'), 'hex'));
  return promised(line, 0) >= 0;
}

/**
 * Codes as lists of their lines: lines of one length that follow each other, the last perhaps shorter, as encoders wrap them. A shorter
 * line that was of none of those above it may begin a code of its own.
 */
function codesIn(bytes: Uint8Array, decode: (lines: readonly Run[], tries: number) => boolean): void {
  let open: Run[] = [];
  for (const run of runs(bytes)) {
    const [first] = open;
    const last = open.at(-1);
    if (first === undefined || last === undefined || !goesOn(bytes, { first, last, run })) {
      if (open.length > 0) decode(withTail(open, bytes), TRIES);
      open = [run];
    } else if (lengthOf(run) === lengthOf(first)) open.push(run);
    else if (decode([...open, run], 1)) open = [];
    else {
      decode(open, TRIES);
      open = [run];
    }
  }
  if (open.length > 0) decode(withTail(open, bytes), TRIES);
}

const lengthOf = ({ start, end }: { readonly start: number; readonly end: number }): number => end - start;

function goesOn(bytes: Uint8Array, { first, last, run }: Readonly<Record<'first' | 'last' | 'run', Run>>): boolean {
  if (lengthOf(last) !== lengthOf(first) || lengthOf(run) > lengthOf(first) || !isLineBreak(bytes, last, run.start))
    return false;
  return !first.hex || isDigits(bytes.subarray(run.start, run.end));
}

/** What may stand between the lines of a code: an end of line as it is or as it is written, quotes, and what stood before the line above. */
const BREAK = /^[ \t"'`,;+.\\]{0,8}?(?:\r?\n|\r|(?:\\{1,2}r)?\\{1,2}n|(?:%0[dD])?%0[aA]|<br ?\/?>)/;
const LONGEST_PREFIX = 60;
const LONGEST_BREAK = 80;

function isLineBreak(bytes: Uint8Array, last: Pick<Run, 'start' | 'end'>, to: number): boolean {
  if (to - last.end > LONGEST_BREAK || to === last.end) return false;
  const between = Buffer.from(bytes.subarray(last.end, to)).toString('latin1');
  const found = BREAK.exec(between)?.[0];
  const before = between.slice(found?.length ?? 0);
  if (found === undefined || before.length > LONGEST_PREFIX || /[\r\n]/.test(before)) return false;
  return /^[ \t"'`+]*$/.test(before) || before === prefixOf(bytes, last.start);
}

/** What stands before a line's code; `#`, `>`, the name of a container. */
function prefixOf(bytes: Uint8Array, start: number): string {
  let from = start;
  while (from > 0 && start - from < LONGEST_BREAK && bytes[from - 1] !== 10 && bytes[from - 1] !== 13) from -= 1;
  return Buffer.from(bytes.subarray(from, start)).toString('latin1');
}

/** Maximal runs of at least `LEAST`: looks at their far end first, so that most of a text is never looked at. */
function* runs(bytes: Uint8Array): Generator<Run> {
  let start = 0;
  while (start + LEAST <= bytes.length) {
    let at = start + LEAST - 1;
    while (at >= start && classOf(bytes[at]) > 0) at -= 1;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    let end = start + LEAST;
    while (end < bytes.length && classOf(bytes[end]) > 0) end += 1;
    const from = start + strangers(bytes, start, end);
    yield { start: from, end, hex: isHex(bytes.subarray(from, end)) };
    start = end + 1;
  }
}

const classOf = (byte: number | undefined): number => (byte === undefined || byte > 127 ? 0 : (CLASS[byte] ?? 0));
const isOne = (byte: number | undefined, letters: string): boolean =>
  byte !== undefined && letters.includes(String.fromCharCode(byte));

/** How many letters at a run's beginning are of an escape before it, or of a line that a diff adds or takes. */
function strangers(bytes: Uint8Array, start: number, end: number): number {
  const before = bytes[start - 1];
  if (isOne(before, '\\') && isOne(bytes[start], 'nrtfbvx')) return 1;
  if (isOne(before, '%') && isOne(bytes[start], '0') && isOne(bytes[start + 1], '9adAD')) return 2;
  if (isOne(bytes[start], '0') && isOne(bytes[start + 1], 'x')) return 2;
  const isAtLineStart = before === undefined || before === 10;
  let padded = end;
  while (isOne(bytes[padded], '=')) padded += 1;
  return isAtLineStart && isOne(bytes[start], '+-') && (padded - start) % 4 === 1 ? 1 : 0;
}

/** Widths of lines of well-known encoders, by which one line alone is known to be full. */
const WIDTHS: readonly number[] = [48, 60, 64, 70, 72, 76, 80, 100];

/** With the rest of the last line, which may be shorter than a run and has to end there. */
function withTail(lines: readonly Run[], bytes: Uint8Array): readonly Run[] {
  const [first] = lines;
  const last = lines.at(-1);
  if (first === undefined || last === undefined || lengthOf(last) !== lengthOf(first)) return lines;
  if (lines.length === 1 && !WIDTHS.includes(lengthOf(first))) return lines;
  const start = firstOfTail(bytes, last);
  let end = start;
  while (end - start < LEAST && classOf(bytes[end]) > 0) end += 1;
  if (end === start || end - start >= LEAST || !isLineBreak(bytes, last, start)) return lines;
  const hex = isDigits(bytes.subarray(start, end));
  const isWritten = isOne(bytes[end], '%') && isOne(bytes[end + 1], '0');
  const goesOnThere = bytes[end] !== undefined && !isWritten && !isOne(bytes[end], '\n\r"\'`,<\\=');
  return goesOnThere || (first.hex && !hex) ? lines : [...lines, { start, end, hex }];
}

/** Behind the break of a line, and behind what stood before that line. */
function firstOfTail(bytes: Uint8Array, { start, end }: Run): number {
  const gap = BREAK.exec(Buffer.from(bytes.subarray(end, end + LONGEST_BREAK)).toString('latin1'))?.[0];
  if (gap === undefined) return end;
  const prefix = prefixOf(bytes, start);
  const rest = Buffer.from(bytes.subarray(end + gap.length, end + gap.length + LONGEST_BREAK)).toString('latin1');
  const isRepeated = prefix !== '' && rest.startsWith(prefix);
  return end + gap.length + (isRepeated ? prefix.length : (/^[\s"'`]*/.exec(rest)?.[0].length ?? 0));
}

/** The whole run, else what stands behind one of its joints: `path/aGVsbG8…`, `name-aGVsbG8…`. */
function decodeBase64(run: string, bytes: Uint8Array): string | null {
  for (let from = promised(bytes, 0); from >= 0; from = promised(bytes, nextJoint(bytes, from))) {
    const decoded =
      readable(Buffer.from(run.slice(from), 'base64')) ?? readable(Buffer.from(upToJoint(run, from), 'base64'));
    if (decoded !== null) return decoded;
  }
  return null;
}

/** Where, from `start` on, a code may begin: there, or behind one of the next signs that join words, too. Below zero: nowhere. */
function promised(bytes: Uint8Array, start: number): number {
  for (let from = start, tried = 0; from <= bytes.length - LEAST && tried < TRIES; tried += 1) {
    if (promises(bytes, from)) return from;
    from = nextJoint(bytes, from);
  }
  return -1;
}

function nextJoint(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && CLASS[bytes[at] ?? 0] !== 2) at += 1;
  return at + 1;
}

const upToJoint = (run: string, from: number): string => /^[A-Za-z0-9+]*/.exec(run.slice(from))?.[0] ?? '';

const isHex = (bytes: Uint8Array): boolean => bytes.length >= 24 && bytes.length % 2 === 0 && isDigits(bytes);

function isDigits(bytes: Uint8Array): boolean {
  for (const byte of bytes) if ((classOf(byte) & 4) === 0) return false;
  return true;
}

/** True when the first twelve decoded bytes are text, or the head of a compressed stream. */
function promises(bytes: Uint8Array, from: number): boolean {
  let read = START;
  for (let at = from; at < from + 16; at += 4) {
    const word = (six(bytes[at]) << 18) | (six(bytes[at + 1]) << 12) | (six(bytes[at + 2]) << 6) | six(bytes[at + 3]);
    if (at === from && isHead(word >> 16, (word >> 8) & 0xff)) return true;
    read = after(after(after(read, word >> 16), (word >> 8) & 0xff), word & 0xff);
    if (noiseIn(read) > MOST_NOISE) return false;
  }
  return true;
}

const six = (byte: number | undefined): number => SEXTET[byte ?? 0] ?? 0;
const isPrint = (byte: number): boolean =>
  (byte >= 32 && byte < 127) || byte === 0 || byte === 9 || byte === 10 || byte === 13;

/** Of a gzip or a zip file. */
const isHead = (first: number | undefined, second: number | undefined): boolean =>
  (first === 0x1f && second === 0x8b) || (first === 0x50 && second === 0x4b);

/** Bytes at the beginning of what is no text in UTF-8, of one or two bytes a character, and no compressed stream. */
const isNoise = (head: Uint8Array): boolean =>
  !isHead(head[0], head[1]) && noiseIn(head.reduce(after, START)) > MOST_NOISE;

/** What was read so far as one number: how many bytes were noise, four times, and how many a character in UTF-8 still wants. */
const START = 0;
const MOST_NOISE = 2;
const noiseIn = (read: number): number => read >> 2;

function after(read: number, byte: number): number {
  const open = read & 3;
  if (open > 0 && (byte & 0xc0) === 0x80) return read - 1;
  const isBegun = byte >= 0xc2 && byte <= 0xf4;
  const noise = noiseIn(read) + (open > 0 || !(isBegun || isPrint(byte)) ? 1 : 0);
  return noise * 4 + (!isBegun ? 0 : byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1);
}

/** Decoded bytes as text, or null for noise. */
function readable(decoded: Buffer): string | null {
  if (decoded.length < 12) return null;
  const archive = openArchive(decoded);
  if (archive !== null)
    return archive.members.map((member) => Buffer.from(member).toString('latin1')).join('\n') || null;
  const dense = decoded.includes(0) ? Buffer.from(decoded.filter((byte) => byte !== 0)) : decoded;
  // A code that was cut may end within a character.
  const isWide = isUtf8(dense.subarray(0, Math.max(0, dense.length - 3)));
  const text = dense.toString(isWide ? 'utf8' : 'latin1');
  if (
    text.length < 8 ||
    (isWide ? /[^\t\n\r\x20-\x7e\u00a1-\uffff]{3}/ : /[^\t\n\r\x20-\x7e]{3}/).test(text.slice(0, 64))
  )
    return null;
  const noise = text.replace(isWide ? /[\t\n\r\x20-\x7e\u00a1-\uffff]+/g : /[\t\n\r\x20-\x7e]+/g, '').length;
  return noise * 10 <= text.length ? text : null;
}
