/** Letters written as `%67`, `\x67`, `\u0067` or `&#103;`: the surroundings of each, with the letters in place. */
import { type Gathered, gather, lastAtOrBefore, type Part } from './parts.ts';

const AROUND = 400;
/** A token is not cut: surroundings go on to the next white space, at most so far. */
const FARTHEST = 8192;
/** Escapes of print and of line ends: a secret needs no other. */
const ESCAPE =
  /%(0[9ad]|[2-7][0-9a-f])|\\{1,4}(?:x|u00|u0{6}|u\{0{0,4})(0[9ad]|[2-7][0-9a-f])\}?|&#(?:x0{0,6}([9ad]|[2-7][0-9a-f])|0{0,6}(9|1[03]|3[2-9]|[4-9]\d|1[01]\d|12[0-6]));|\\(\/)/gi;

/** The parts of a text that hold escapes, decoded, as one text with a place for each; null when there is none. */
export function decodeEscapes(text: string): Gathered | null {
  const parts: Part[] = [];
  let from = -1;
  let to = 0;
  for (const { index } of text.matchAll(ESCAPE)) {
    if (from >= 0 && index - AROUND > to) {
      parts.push(decode(text, from, to));
      from = -1;
    }
    if (from < 0) from = startOf(text, Math.max(0, index - AROUND), to);
    if (index + AROUND > to) to = endOf(text, Math.min(text.length, index + AROUND));
  }
  if (from >= 0) parts.push(decode(text, from, to));
  return gather(parts);
}

function startOf(text: string, at: number, least: number): number {
  let from = Math.max(at, least);
  while (from > least && at - from < FARTHEST && text.charCodeAt(from - 1) > 32) from -= 1;
  return from;
}

function endOf(text: string, at: number): number {
  let to = at;
  while (to < text.length && to - at < FARTHEST && text.charCodeAt(to) > 32) to += 1;
  return to;
}

function decode(text: string, start: number, end: number): Part {
  const coded = text.slice(start, end);
  /** Where each piece between two escapes begins, decoded and as it was. */
  const decodedAt = [0];
  const codedAt = [0];
  let decoded = '';
  for (const { index, 0: whole, 1: percent, 2: backslash, 3: hex, 4: decimal, 5: slash } of coded.matchAll(ESCAPE)) {
    decoded += coded.slice(codedAt.at(-1), index);
    decodedAt.push(decoded.length);
    codedAt.push(index);
    const code = Number.parseInt(percent ?? backslash ?? hex ?? decimal ?? '', decimal === undefined ? 16 : 10);
    decoded += slash ?? String.fromCharCode(code);
    decodedAt.push(decoded.length);
    codedAt.push(index + whole.length);
  }
  decoded += coded.slice(codedAt.at(-1));
  const place = (offset: number): number => {
    const at = lastAtOrBefore(decodedAt, offset);
    return (codedAt[at] ?? 0) + offset - (decodedAt[at] ?? 0);
  };
  return { start, end, text: decoded, place };
}
