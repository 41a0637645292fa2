/** Text that a branch brought (a path, the name of a test) must not steer the page or the terminal it is shown in. */

/** Control and direction characters become visible escapes. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);

/** The same in one line of about `limit` characters. */
export const visibleStart = (text: string, limit: number): string =>
  visible(text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
