/**
 * Signatures, certificates and other armour are lines of base64, in which any short shape may stand by chance: a signed history
 * of ten thousand commits has a million of them.
 */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** As OpenPGP (64) and PEM (64, MIME 76) break their lines. */
const LEAST = 60;
const MOST = 76;
/** What stands around a shape for it to be a part of something longer. */
const AROUND = 8;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** True for a part of a line of base64 that has another one, or the end of the armour, beside it. */
export function isInArmour(text: string, { start, end }: Span): boolean {
  const line = lineAround(text, { start, end });
  if (line === null || line.words.length < LEAST || line.words.length - (end - start) < AROUND) return false;
  if (!BASE64.test(line.words)) return false;
  return [line.before, line.behind].some((beside) => isArmour(beside, line.words.length));
}

const isArmour = (line: string, length: number): boolean =>
  line.startsWith('-----') || (line.length === length && BASE64.test(line));

/** The line and its neighbours without what stands before and behind them; null: it is longer than any of armour. */
function lineAround(text: string, { start, end }: Span): { words: string; before: string; behind: string } | null {
  const near = text.slice(Math.max(0, start - 4 * MOST), end + 4 * MOST);
  const at = start - Math.max(0, start - 4 * MOST);
  const from = near.lastIndexOf('\n', at) + 1;
  const found = near.indexOf('\n', at + (end - start));
  const to = found < 0 ? near.length : found;
  if (to - from > 2 * MOST) return null;
  const above = near.slice(0, Math.max(0, from - 1));
  const below = near.slice(to + 1);
  return {
    words: near.slice(from, to).trim(),
    before: above.slice(above.lastIndexOf('\n') + 1).trim(),
    behind: (below.split('\n', 1)[0] ?? '').trim(),
  };
}
