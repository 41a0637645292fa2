/** Between Plane's HTML and plain text: descriptions in, comments out. */
import { convert } from 'html-to-text';

/** Of a description; an agent reads no more. */
const CHARS = 60_000;

/** Blocks and breaks are lines; links and pictures are left out, because an agent is to follow none. */
export const textOfHtml = (html: string): string =>
  convert(html.slice(0, CHARS * 4), {
    wordwrap: false,
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
      { selector: 'ul', options: { itemPrefix: '- ' } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  })
    .trim()
    .slice(0, CHARS);

/** Escaped, one paragraph per line. */
export function htmlOfText(text: string): string {
  const escaped = (line: string): string =>
    line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  return text
    .split('\n')
    .map((line) => `<p>${escaped(line)}</p>`)
    .join('');
}
