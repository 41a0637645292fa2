/** Spellings of one setting in `.npmrc`, as the real npm reads them. */
import type { PlantedFiles } from './planted-branches.ts';

/** The setting in its plain spelling: under it a red suite is green. */
export const SET: string = 'script-shell=/bin/true';
const bytes = (...parts: readonly (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

/** Recorded: npm 11.19.1 takes each of these for `script-shell`, and a red suite is green under it. `soak/npm-settings.mjs` asks again. */
export const HONOURED: readonly (readonly [string, PlantedFiles])[] = [
  ['plain', { '.npmrc': `${SET}\n` }],
  ['with spaces', { '.npmrc': '  script-shell   =   /bin/true  \n' }],
  ['in double quotes', { '.npmrc': '"script-shell"=/bin/true\n' }],
  ['in single quotes', { '.npmrc': "'script-shell'=/bin/true\n" }],
  ['with an escape in quotes', { '.npmrc': '"script\\u002dshell"=/bin/true\n' }],
  ['after CR LF', { '.npmrc': `fund=false\r\n${SET}\r\n` }],
  ['after a lone CR', { '.npmrc': `fund=false\r${SET}` }],
  ['after a comment that ends in CR', { '.npmrc': `; words\r${SET}` }],
  ['after a byte order mark', { '.npmrc': `\ufeff${SET}\n` }],
  ['after a vertical tab', { '.npmrc': `\u000b${SET}\n` }],
  ['between no-break spaces', { '.npmrc': '\u00a0script-shell\u00a0=/bin/true\n' }],
  ['as an array', { '.npmrc': 'script-shell[]=/bin/true\n' }],
  ['behind a variable that is not set', { '.npmrc': `\${NONE?}script-shell=/bin/true\n` }],
  ['as a variable', { '.npmrc': `\${KEY}=/bin/true\n` }],
  ['after bytes that are no text', { '.npmrc': bytes(0xff, 0xfe, `\n${SET}\n`) }],
  ['after a NUL', { '.npmrc': bytes('a=', 0, `\n${SET}\n`) }],
  ['behind a link', { '.npmrc': { link: 'docs/rc' }, 'docs/rc': `${SET}\n` }],
  ['in another file it names', { '.npmrc': 'userconfig=./docs/rc\n', 'docs/rc': `${SET}\n` }],
  ['in a global file it names', { '.npmrc': 'globalconfig=./docs/rc\n', 'docs/rc': `${SET}\n` }],
  ['larger than is read', { '.npmrc': `${SET}\n${'# long\n'.repeat(160_000)}` }],
];
