/**
 * Patterns of paths: `*` and `?` within a name, `**` for whole folders, everything else as it is written; hidden files count.
 * Written by hand because the author of a branch chooses the paths: picomatch and minimatch translate into an expression that
 * tries every way again (`*a*a*a*b` on a name of 800 times `a`: 31 s with picomatch 4), while this takes at most as many steps as the
 * letters times the signs.
 */

const LONGEST = 500;

export type PathPatternVerdict =
  | { readonly kind: 'valid' }
  | {
      readonly kind: 'invalid';
      /** What about the pattern is not allowed. */
      readonly reason: string;
    };

/** Whether a text is a pattern; `reason` says what to write instead. Total. */
export function validatePathPattern(pattern: unknown): PathPatternVerdict {
  const reason = typeof pattern === 'string' ? faultOfText(pattern) : 'a pattern is a text such as docs/**';
  return reason === null ? { kind: 'valid' } : { kind: 'invalid', reason };
}

function faultOfText(pattern: string): string | null {
  if (pattern.length > LONGEST) return `a pattern has at most ${LONGEST} characters`;
  if (/[\p{Cc}\\]/u.test(pattern))
    return 'a pattern has no control characters and no backslash; folders are parted by /';
  if (/[{}[\]]|^!/.test(pattern)) return 'a pattern knows only *, ? and **: write one pattern for each choice';
  const names = pattern.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..'))
    return 'a pattern begins at the root of the repository and ends without /: docs/** is all below docs';
  const isGlued = names.some((name) => name.includes('**') && name !== '**');
  return isGlued ? '** stands for whole folders, alone between two /' : null;
}

/** A pattern, ready to be compared with many paths. */
export interface PathPattern {
  readonly text: string;
  readonly names: readonly string[];
}

/** Of a valid text. `docs/**` is what lies below docs, and not a file of that name. */
export function pathPattern(text: string): PathPattern {
  const names = text.split('/');
  return { text, names: names.at(-1) === '**' ? [...names, '*'] : names };
}

/** Whether the whole path is matched, as git lists it, name by name. */
export const matchesPath = ({ names }: PathPattern, path: readonly string[]): boolean =>
  matchesInOrder(names, path, { many: '**', isOne: matchesName });

/** `*`: any characters of a name; `?`: one. */
const matchesName = (pattern: string, name: string): boolean =>
  pattern === '*' ||
  (/[*?]/.test(pattern) ? matchesInOrder([...pattern], [...name], { many: '*', isOne: isSign }) : pattern === name);

const isSign = (sign: string, letter: string): boolean => sign === '?' || sign === letter;

/**
 * Compares from left to right; after a mismatch only the last `many` takes one piece more. An earlier one need not be asked
 * again: what it could leave to those behind it, the last one can skip.
 */
function matchesInOrder(
  signs: readonly string[],
  pieces: readonly string[],
  { many, isOne }: { readonly many: string; readonly isOne: (sign: string, piece: string) => boolean },
): boolean {
  let [sign, piece] = [0, 0];
  let last: { readonly sign: number; piece: number } | null = null;
  while (piece < pieces.length) {
    if (signs[sign] === many) {
      last = { sign, piece };
      sign += 1;
    } else if (sign < signs.length && isOne(signs[sign] ?? '', pieces[piece] ?? '')) {
      sign += 1;
      piece += 1;
    } else if (last !== null) {
      last.piece += 1;
      sign = last.sign + 1;
      piece = last.piece;
    } else return false;
  }
  while (signs[sign] === many) sign += 1;
  return sign === signs.length;
}

/**
 * Above 0 where `one` says more about a path than `other`: no wildcard at all, else the longer text before the first one, else
 * the longer pattern. 0: they say as much.
 */
export function comparePatterns(one: PathPattern, other: PathPattern): number {
  return literalLength(one) - literalLength(other) || one.text.length - other.text.length;
}

function literalLength({ text }: PathPattern): number {
  const wildcard = text.search(/[*?]/);
  return wildcard === -1 ? LONGEST + 1 : wildcard;
}
