/**
 * Text that others wrote (a branch name, a path, a test's output), fit to be shown: what a terminal or a browser would obey
 * instead of showing, control and direction characters and those without width, becomes a visible escape.
 */

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

const escaped = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;

/** One line: line ends and tabs are made visible, too. */
export const visibleLine = (text: string): string => text.replace(UNSEEN, escaped);

/** The same, cut to about `limit` characters. */
export const visibleStart = (text: string, limit: number): string => visibleLine(startWithin(text, limit));

const startWithin = (text: string, limit: number): string =>
  text.length > limit ? `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;

/** Several lines: line feeds and tabs stay. */
export const visibleText = (text: string): string =>
  text.replace(UNSEEN, (char) => (char === '\n' || char === '\t' ? char : escaped(char)));

/** Several lines, cut to about `limit` characters. */
export const visibleLines = (text: string, limit: number): string => visibleText(startWithin(text, limit));

/** JSON on one line; a reader gets the very value back. */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value).replace(UNSEEN, (char) =>
    Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
