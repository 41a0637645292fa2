/**
 * Bytes → every text they can be read as. A token must be found whichever way its bytes are dressed: UTF-8, Latin-1,
 * UTF-16 or UTF-32 with or without a mark, NUL in between, invisible characters inside, one layer of base64 or hex.
 */
export type Encoding = 'text' | 'utf-16' | 'invisible-characters' | 'base64' | 'hex';

/** One reading of an object. `place` maps an offset in `text` to an offset in `origin`, which people see. */
export interface View {
  readonly encoding: Encoding;
  readonly text: string;
  readonly origin: string;
  readonly place: (offset: number) => number;
}

const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]+/g;
/** Lines wrapped by the usual encoders first, then any long run. */
const BASE64 = /(?:[A-Za-z0-9+/]{60,76}\r?\n[ \t]*)+[A-Za-z0-9+/]*={0,2}|[A-Za-z0-9+/_-]{20,}={0,2}/g;
const HEX = /(?:[0-9a-fA-F]{2}){12,}/g;

/** All readings, plain text first. */
export function* views(bytes: Uint8Array): Generator<View> {
  const plain = decodeText(bytes);
  const same = (offset: number): number => offset;
  yield { encoding: 'text', text: plain, origin: plain, place: same };
  let readable = plain;
  if (bytes.includes(0)) {
    // Without its NULs, ASCII in UTF-16 or UTF-32 of either byte order and any alignment is ASCII again.
    readable = Buffer.from(bytes.filter((byte) => byte !== 0)).toString('latin1');
    yield { encoding: 'utf-16', text: readable, origin: readable, place: same };
  }
  const visible = readable.replace(INVISIBLE, '');
  if (visible !== readable) yield { encoding: 'invisible-characters', text: visible, origin: visible, place: same };
  yield* decoded(visible, 'base64', BASE64);
  yield* decoded(visible, 'hex', HEX);
}

/** UTF-8 where the bytes are UTF-8, else Latin-1, which loses nothing. */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(buffer) ? buffer.toString('latin1') : text;
}

/** All runs that decode to readable text, one a line, as one view. */
function* decoded(origin: string, encoding: 'base64' | 'hex', runs: RegExp): Generator<View> {
  const parts: string[] = [];
  const starts: number[] = [];
  const origins: number[] = [];
  let length = 0;
  for (const match of origin.matchAll(runs)) {
    const part = Buffer.from(match[0], encoding).toString('latin1');
    if (part.length < 12 || !isReadable(part)) continue;
    starts.push(length);
    origins.push(match.index);
    parts.push(part);
    length += part.length + 1;
  }
  if (parts.length === 0) return;
  const place = (offset: number): number => origins[lastAtOrBefore(starts, offset)] ?? 0;
  yield { encoding, text: parts.join('\n'), origin, place };
}

/** Digests and images decode to noise; what hides a token decodes to print. */
function isReadable(text: string): boolean {
  if (/[^\t\n\r\x20-\x7e]{3}/.test(text.slice(0, 64))) return false;
  const noise = text.replace(/[\t\n\r\x20-\x7e]+/g, '').length;
  return noise * 10 <= text.length;
}

/** Index of the last element that is not greater than `value`; `sorted` ascends and starts at or below it. */
export function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
