/** Text from a branch, made fit to be shown: one line, nothing invisible, bounded. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu;
const LENGTH_LIMIT = 512;

/** Control, bidirectional and invisible characters become visible escapes; long text is cut in the middle. */
export function sanitizeText(text: string): string {
  const escaped = text.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  if (escaped.length <= LENGTH_LIMIT) return escaped;
  return `${escaped.slice(0, LENGTH_LIMIT / 2)}…${escaped.slice(-LENGTH_LIMIT / 2)}`;
}

/** The same for Markdown: no link, no tag, no code span can start. */
export const sanitizeMarkdown = (text: string): string =>
  sanitizeText(text).replace(/[\\`*_[\]<>&|#!~@]/g, (char) => `&#${char.charCodeAt(0)};`);
