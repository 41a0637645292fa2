/**
 * Words of others in markdown: always inside code, where a forge neither mentions people nor makes links, and reads no HTML.
 * The fence is longer than any run of backticks in it.
 */
import { startOf } from './cut-text.ts';
import { visibleStart, visibleText } from './visible-text.ts';

const longestRun = (text: string): number => Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));

/** One line as a code span, cut to about `limit` characters. */
export function code(text: string, limit = 300): string {
  const line = visibleStart(text.replace(/\s+/g, ' ').trim(), limit);
  if (line === '') return '`-`';
  const fence = '`'.repeat(longestRun(line) + 1);
  return /^`|`$/.test(line) ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** Several lines as a fenced block of about `limit` characters; `rest` says where what is cut off can be read. */
export function block(text: string, limit = 1500, rest = ''): string {
  const shown = visibleText(startOf(text, limit, rest)).replace(/\n+$/, '');
  const fence = '`'.repeat(Math.max(3, longestRun(shown) + 1));
  return `${fence}text\n${shown}\n${fence}`;
}
