/**
 * Bytes → every text they can be read as. A token must be found whichever way its bytes are dressed: UTF-8, Latin-1, UTF-16
 * or UTF-32 with or without a mark, NUL in between, invisible and direction characters inside, base64 or hex twice over,
 * escapes, members of an archive.
 */
import { isAscii as isAsciiBytes } from 'node:buffer';
import { decodeRuns } from './encoded-runs.ts';
import { decodeEscapes } from './escapes.ts';

export type Encoding = 'text' | 'utf-16' | 'invisible-characters' | 'base64' | 'hex' | 'escape' | 'archive';

/** One reading of an object. `place` and `end` map where something begins and ends in `text` to `origin`, which people see. */
export interface View {
  readonly encoding: Encoding;
  readonly text: string;
  /** The bytes of `text`: in UTF-8, or one a character. */
  readonly bytes: Uint8Array;
  readonly origin: string;
  readonly place: (offset: number) => number;
  readonly end: (offset: number) => number;
  /** `place` is an offset in the plain text, to the letter: two readings speak of one place. */
  readonly isExact: boolean;
}

const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+/g;
const ESCAPE = String.fromCharCode(27);
/** What a terminal obeys, as it is and as logs write it: colours, links (ECMA-48). */
const TERMINAL = new RegExp(
  String.raw`(?:${ESCAPE}|\\{1,4}(?:x1b|u001b|u\{1b\}|0?33|e)|\^\[)(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07${ESCAPE}\n]{0,400}(?:\x07|${ESCAPE}\\))`,
  'gi',
);

/** How often a reading is decoded again. */
const DEPTH = 2;

/** All readings, plain text first. */
export function* views(bytes: Uint8Array): Generator<View> {
  const plain = decodeText(bytes);
  const same = (offset: number): number => offset;
  yield { encoding: 'text', text: plain, bytes, origin: plain, place: same, end: same, isExact: true };
  let readable: View = { encoding: 'text', text: plain, bytes, origin: plain, place: same, end: same, isExact: true };
  if (asBuffer(bytes).includes(0)) {
    // Without its NULs, ASCII in UTF-16 or UTF-32 of either byte order and any alignment is ASCII again.
    const dense = Buffer.from(bytes.filter((byte) => byte !== 0));
    const text = dense.toString('latin1');
    readable = { encoding: 'utf-16', text, bytes: dense, origin: text, place: same, end: same, isExact: false };
    yield readable;
  }
  const visible = visibleIn(readable);
  if (visible !== readable.text) {
    readable = {
      encoding: 'invisible-characters',
      text: visible,
      bytes: Buffer.from(visible),
      origin: visible,
      place: same,
      end: same,
      isExact: false,
    };
    yield readable;
  }
  yield* decoded(readable, DEPTH);
}

/** What stands in a reading in another code, and what stands in that. */
function* decoded(from: View, depth: number): Generator<View> {
  if (depth === 0) return;
  const escapes = decodeEscapes(from.text);
  for (const [encoding, found] of [...decodeRuns(from.text, from.bytes), ['escape', escapes] as const]) {
    if (found === null) continue;
    const { text } = found;
    const place = (offset: number): number => from.place(found.place(offset));
    const end = (offset: number): number => from.end(found.end(offset));
    const bytes = Buffer.from(text, 'latin1');
    const view: View = {
      encoding: depth === DEPTH ? encoding : from.encoding,
      text,
      bytes,
      origin: from.origin,
      place,
      end,
      isExact: from.encoding === 'text' && encoding === 'escape',
    };
    yield view;
    yield* decoded(view, depth - 1);
  }
}

/** Without what nobody sees; no line of it is another's. */
function visibleIn(view: View): string {
  const text = isAscii(view) ? view.text : view.text.replace(INVISIBLE, '');
  return mayColour(asBuffer(view.bytes)) ? text.replace(TERMINAL, '') : text;
}

/** The buffer's search for a byte is many times as fast as the array's. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Whether `TERMINAL` may match: an escape, or a written one before a bracket. */
function mayColour(bytes: Buffer): boolean {
  if (bytes.includes(0x1b)) return true;
  for (let at = bytes.indexOf(BACKSLASH); at >= 0; at = bytes.indexOf(BACKSLASH, at + 1)) {
    const next = bytes[at + 1];
    if (next === BACKSLASH || next === 0x5d) continue;
    if (WRITTEN.test(bytes.toString('latin1', at + 1, at + 8))) return true;
  }
  return bytes.includes('^[[');
}
const BACKSLASH = 0x5c;
const WRITTEN = /^(?:x1b|u001b|u\{1b\}|0?33|e)\[/i;

/** No byte of it is part of a longer character, so nothing in it is invisible. */
const isAscii = ({ bytes }: View): boolean => isAsciiBytes(bytes);

/** UTF-8 where the bytes are UTF-8, else Latin-1, which loses nothing. */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(buffer) ? buffer.toString('latin1') : text;
}
