/**
 * Runs of base64 and hex in a text, and what they decode to where that is readable: text of one or two bytes a character, or
 * the content of a compressed stream. Digests, identifiers and images decode to noise and are turned away by their first bytes.
 */
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
  for (const { start, end, tail } of joinLines(runs(plain), plain)) {
    // A word that follows a line of hex is none of it.
    const hexEnd = [end, tail].find((to) => isHex(plain.subarray(start, to)));
    if (hexEnd !== undefined) {
      const decoded = readable(Buffer.from(text.slice(start, hexEnd).replace(/\s+/g, ''), 'hex'));
      if (decoded !== null) hex.push({ start, end: hexEnd, text: decoded });
      continue;
    }
    const decoded = decodeBase64(text.slice(start, end), plain.subarray(start, end));
    if (decoded !== null) base64.push({ start, end, text: decoded });
  }
  return [
    ['base64', gather(base64)],
    ['hex', gather(hex)],
  ];
}

interface Run {
  readonly start: number;
  readonly end: number;
  /** Where the whole lines of it end. */
  readonly tail: number;
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
    yield { start, end, tail: end };
    start = end + 1;
  }
}

const classOf = (byte: number | undefined): number => (byte === undefined || byte > 127 ? 0 : (CLASS[byte] ?? 0));

/** Lines of 60 to 76 characters that follow each other are one run, as encoders wrap it. */
function* joinLines(all: Iterable<Run>, bytes: Uint8Array): Generator<Run> {
  let open: Run | null = null;
  let last: Run | null = null;
  for (const run of all) {
    if (open !== null && last !== null && isFull(last) && isLineBreak(bytes, last.end, run.start)) {
      open = { start: open.start, end: run.end, tail: run.end };
    } else {
      if (open !== null && last !== null) yield isFull(last) ? withTail(open, bytes) : open;
      open = run;
    }
    last = run;
  }
  if (open !== null && last !== null) yield isFull(last) ? withTail(open, bytes) : open;
}

const isFull = ({ start, end }: Run): boolean => end - start >= 60 && end - start <= 76;

function isLineBreak(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > 40) return false;
  let breaks = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at];
    if (byte === 10) breaks += 1;
    else if (byte !== 13 && byte !== 32 && byte !== 9) return false;
  }
  return breaks === 1;
}

/** The rest of the last line, which may be shorter than a run. */
function withTail(run: Run, bytes: Uint8Array): Run {
  let at = run.end;
  while (at < bytes.length && at - run.end < 20 && (bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 32)) at += 1;
  if (at === run.end || at - run.end === 20) return run;
  let end = at;
  while (classOf(bytes[end]) > 0) end += 1;
  return end > at && end - at < LEAST ? { ...run, end } : run;
}

/** The whole run, else what stands behind one of its joints: `path/aGVsbG8…`, `name-aGVsbG8…`. */
function decodeBase64(run: string, bytes: Uint8Array): string | null {
  for (let from = 0, tried = 0; from <= run.length - LEAST && tried < 12; tried += 1) {
    if (promises(bytes, from)) {
      const decoded =
        readable(Buffer.from(run.slice(from), 'base64')) ?? readable(Buffer.from(upToJoint(run, from), 'base64'));
      if (decoded !== null) return decoded;
    }
    while (from < run.length && CLASS[bytes[from] ?? 0] !== 2) from += 1;
    from += 1;
  }
  return null;
}

const upToJoint = (run: string, from: number): string => /^[A-Za-z0-9+]*/.exec(run.slice(from))?.[0] ?? '';

function isHex(bytes: Uint8Array): boolean {
  let digits = 0;
  for (const byte of bytes) {
    if ((classOf(byte) & 4) !== 0) digits += 1;
    else if (byte > 32) return false;
  }
  return digits >= 24 && digits % 2 === 0;
}

/** True when the first twelve decoded bytes are print, text of two bytes a character, or the head of a compressed stream. */
function promises(bytes: Uint8Array, from: number): boolean {
  let noise = 0;
  for (let at = from; at + 4 <= from + 16; at += 4) {
    const word = (six(bytes[at]) << 18) | (six(bytes[at + 1]) << 12) | (six(bytes[at + 2]) << 6) | six(bytes[at + 3]);
    if (at === from && (word >> 8 === 0x1f8b || word >> 8 === 0x504b)) return true;
    for (const shift of [16, 8, 0]) if (!isPrint((word >> shift) & 0xff)) noise += 1;
    if (noise > 2) return false;
  }
  return true;
}

const six = (byte: number | undefined): number => SEXTET[byte ?? 0] ?? 0;
const isPrint = (byte: number): boolean =>
  (byte >= 32 && byte < 127) || byte === 0 || byte === 9 || byte === 10 || byte === 13;

/** Decoded bytes as text, or null for noise. */
function readable(decoded: Buffer): string | null {
  if (decoded.length < 12) return null;
  const archive = openArchive(decoded);
  if (archive !== null)
    return archive.members.map((member) => Buffer.from(member).toString('latin1')).join('\n') || null;
  const text = (decoded.includes(0) ? Buffer.from(decoded.filter((byte) => byte !== 0)) : decoded).toString('latin1');
  if (text.length < 8 || /[^\t\n\r\x20-\x7e]{3}/.test(text.slice(0, 64))) return null;
  const noise = text.replace(/[\t\n\r\x20-\x7e]+/g, '').length;
  return noise * 10 <= text.length ? text : null;
}
