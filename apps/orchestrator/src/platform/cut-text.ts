/**
 * Texts that are too long to be shown whole: cut between two lines where that is possible, never inside a character, and the cut is
 * said. What may hold a secret is masked before it is cut, because half of a secret is not known as one; see masked-ends.ts.
 */
/** Beyond what is shown, so much is searched: no secret that reaches into it begins earlier. */
export const BEFORE = 16_384;
/** A line that is longer than this part of what may be shown is cut in itself. */
const LINE_SHARE = 0.5;

/** The beginning, at most about `limit` characters. `rest` says where all of it is. */
export function startOf(text: string, limit: number, rest = ''): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, limit);
  const end = kept.lastIndexOf('\n');
  const shown = wellFormed(end > limit * LINE_SHARE ? kept.slice(0, end) : kept);
  return `${shown}\n${leftOut(text.length - shown.length, 'more')}${rest === '' ? '' : `; ${rest}`}`;
}

/** The end, at most about `limit` characters. */
export function endOf(text: string, limit: number, rest = ''): string {
  const shown = lastOf(text, limit);
  if (shown.length === text.length) return text;
  return `${leftOut(text.length - shown.length, 'before this')}${rest === '' ? '' : `; ${rest}`}\n${shown}`;
}

/** The same without a word about it, for a caller who says it. */
export function lastOf(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(-limit);
  const from = kept.indexOf('\n') + 1;
  return wellFormed(from > 0 && from < limit * LINE_SHARE ? kept.slice(from) : kept);
}

const leftOut = (count: number, where: string): string =>
  `(… ${count} ${count === 1 ? 'character' : 'characters'} ${where})`;

/** A cut leaves no half of a pair. */
const wellFormed = (text: string): string => text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
