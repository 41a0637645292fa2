/** Letters written as `%67`, `\x67`, `\u0067` or `&#103;`: the surroundings of each, with the letters in place. */
import { type Gathered, gather, lastAtOrBefore, type Part } from './parts.ts';

const AROUND = 400;
/** Escapes of print only: a secret needs no other. */
const ESCAPE =
  /%([2-7][0-9a-f])|\\{1,4}(?:x|u00|u\{0{0,4})([2-7][0-9a-f])\}?|&#(?:x([2-7][0-9a-f])|(3[2-9]|[4-9]\d|1[01]\d|12[0-6]));/gi;

/** The parts of a text that hold escapes, decoded, as one text with a place for each; null when there is none. */
export function decodeEscapes(text: string): Gathered | null {
  const parts: Part[] = [];
  let from = -1;
  let to = 0;
  for (const { index } of text.matchAll(ESCAPE)) {
    if (from >= 0 && index >= to) {
      parts.push(decode(text, from, to));
      from = -1;
    }
    if (from < 0) from = Math.max(to, index - AROUND);
    to = Math.min(text.length, index + AROUND);
  }
  if (from >= 0) parts.push(decode(text, from, to));
  return gather(parts);
}

function decode(text: string, start: number, end: number): Part {
  const coded = text.slice(start, end);
  /** Where each piece between two escapes begins, decoded and as it was. */
  const decodedAt = [0];
  const codedAt = [0];
  let decoded = '';
  for (const { index, 0: whole, 1: percent, 2: backslash, 3: hex, 4: decimal } of coded.matchAll(ESCAPE)) {
    decoded += coded.slice(codedAt.at(-1), index);
    decodedAt.push(decoded.length);
    codedAt.push(index);
    decoded += String.fromCharCode(
      Number.parseInt(percent ?? backslash ?? hex ?? decimal ?? '', decimal === undefined ? 16 : 10),
    );
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
