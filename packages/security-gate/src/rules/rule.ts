/**
 * A rule is data: whose secret it is, words that must stand beside it, its shape, and why a match counts. Shapes are facts of
 * the provider's own documentation. Every shape is anchored at a keyword and bounded, so that its time is linear.
 */
export interface SecretRule {
  readonly id: string;
  readonly provider: string;
  /** Words of which one stands in every match, in any case. */
  readonly keywords: readonly string[];
  /**
   * Where the shape begins: at the keyword itself; at most `back` characters of a token before it; or at the value that a name
   * with the keyword in it is given.
   */
  readonly anchor: 'keyword' | 'token' | 'value';
  readonly back: number;
  /** One character of what may stand before the keyword. */
  readonly backOf: RegExp;
  /** Sticky. The group `secret`, if there is one, is what counts as the secret. */
  readonly shape: RegExp;
  /** Least disorder of the secret in bits per character. */
  readonly entropy: number;
  /** Why a match counts, as the end of "it counts because …". */
  readonly why: string;
  /** A last check: a checksum, an encoded head. */
  readonly accepts: (secret: string, groups: { readonly [group: string]: string }) => boolean;
}

interface Given {
  readonly id: string;
  readonly provider: string;
  readonly shape: string;
  readonly entropy?: number;
  readonly why?: string;
  readonly accepts?: SecretRule['accepts'];
}

const yes = (): boolean => true;
/** Nothing of a word before it; an escape such as `\n` is no word. */
const BEFORE = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[nrtfbv0]|%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}))`;

/** Nothing of the token after it. A token that may hold `_` and `-` ends at another character only. */
const after = (shape: string): string => {
  if (/\(\?=(?:[^()]|\([^()]*\))*\)$/.test(shape)) return '';
  return /(?:\\w|_-?|-_)[^[\]]{0,4}\](?:\{[\d,]+\}|\+|\*)?\)?$/.test(shape) ? String.raw`(?![\w-])` : '(?![A-Za-z0-9])';
};

/** A token that is known by its own letters, whatever its name. `back`: how much of it may stand before the keyword. */
export function token(
  given: Given & { readonly starts: readonly string[]; readonly back?: number; readonly backOf?: string },
): SecretRule {
  const { id, provider, starts, shape, back = 0, backOf = '[\\w~.+-]', entropy = 2.5, accepts = yes } = given;
  return {
    id: `secret/${id}`,
    provider,
    keywords: starts,
    anchor: back > 0 ? 'token' : 'keyword',
    back,
    backOf: new RegExp(backOf),
    shape: new RegExp(`${BEFORE}(?:${shape})${after(shape)}`, 'y'),
    entropy,
    why: given.why ?? `it has the form that ${provider} documents`,
    accepts,
  };
}

/** A value without letters of its own, known by the name it is given to: the provider's, beside a word such as key or token. */
export function named(given: Given & { readonly names: readonly string[] }): SecretRule {
  const { id, provider, names, shape, entropy = 2.8, accepts = yes } = given;
  return {
    id: `secret/${id}`,
    provider,
    keywords: names,
    anchor: 'value',
    back: 0,
    backOf: /(?!)/,
    shape: new RegExp(`(?:${shape})${after(shape)}`, 'y'),
    entropy,
    why: given.why ?? `a name says ${provider} and the value has the form of its secrets`,
    accepts,
  };
}
