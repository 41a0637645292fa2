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

/** Long enough for `+` and `/` to stand in it by chance; a path has no `+`. */
const LONG = 200;
const FARTHEST = 1000;
const DATA = /(?:base64,|\bsha\d{1,3}-|\bssh-[a-z0-9-]{3,20} )$/;

/**
 * True for a part of a line of base64 that has another one, or the end of the armour, beside it; for a part of a long run of base64; and
 * for one in a run that says what it is: a data URI, an integrity, a public key.
 */
export function isInArmour(text: string, { start, end }: Span): boolean {
  if (!RUN.test(text.slice(start, end))) return false;
  const { before, behind } = runAround(text, { start, end });
  const from = start - before.length;
  if (DATA.test(text.slice(Math.max(0, from - 24), from))) return true;
  const around = before + behind;
  if (around.length < AROUND) return false;
  if (around.length + end - start >= LONG && around.includes('+') && around.includes('/')) return true;
  const line = lineAround(text, { start, end });
  if (line === null || line.words.length < LEAST || !BASE64.test(line.words)) return false;
  return [line.before, line.behind].some((beside) => isArmour(beside, line.words.length));
}

const RUN = /^[A-Za-z0-9+/]+={0,2}$/;

/** What goes on before and behind a span without a sign that base64 has not. */
function runAround(text: string, { start, end }: Span): { readonly before: string; readonly behind: string } {
  const before = /[A-Za-z0-9+/]*$/.exec(text.slice(Math.max(0, start - FARTHEST), start))?.[0] ?? '';
  const behind = /^[A-Za-z0-9+/]*/.exec(text.slice(end, end + FARTHEST))?.[0] ?? '';
  return { before, behind };
}

const isArmour = (line: string, length: number): boolean =>
  line.startsWith('-----') || (line.length === length && BASE64.test(line));

/** Ends of lines, also as a literal has them. */
const BREAK = /\r?\n|\\n/;

/** The line and its neighbours without what stands before and behind them; null: it is longer than any of armour. */
function lineAround(text: string, { start, end }: Span): { words: string; before: string; behind: string } | null {
  const above = text.slice(Math.max(0, start - 4 * MOST), start).split(BREAK);
  const below = text.slice(end, end + 4 * MOST).split(BREAK);
  const words = `${above.at(-1) ?? ''}${text.slice(start, end)}${below[0] ?? ''}`;
  if (words.length > 2 * MOST) return null;
  return { words: bare(words), before: bare(above.at(-2) ?? ''), behind: bare(below[1] ?? '') };
}

/** Without what a literal or an indentation puts around a line. */
const bare = (line: string): string => line.replace(/^[\s"',]+|[\s"',]+$/g, '');
