/** Between lines of any text: every code of a token is found at its lines, all of them are hidden, and no other line is. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { maskSecrets } from '@gatehouse/security-gate';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Scanner } from '../src/worker/scanner.ts';
import { githubToken } from './fake-secrets.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const hex = (text: string): string => Buffer.from(text).toString('hex');
const lines = (text: string, width: number, end = '\n'): string =>
  text.replace(new RegExp(`.{${width}}(?=.)`, 'g'), `$&${end}`);
const percent = (text: string): string => text.replace(/./g, (char) => `%${hex(char)}`);
const words = (count: number): string => 'some words '.repeat(count);

/** A token as each code has it; `n` varies what stands around it there. */
const CODES: { readonly [name: string]: (token: string, n: number) => string } = {
  plain: (t) => t,
  base64: (t) => base64(`the value is ${t}`),
  'base64 of words in another language': (t) => base64(`Schlüssel für größere Übung: ${t}`),
  'base64 in lines of 64': (t, n) => lines(base64(`${words(n % 12)}${t} and more of it`), 64),
  'base64 in lines of 76': (t, n) => lines(base64(`${words(n % 12)}${t} and ${'more '.repeat(n % 20)}`), 76),
  'base64 in lines of 48': (t, n) => lines(base64(`${words(3 + (n % 9))}${t}`), 48),
  'base64 in lines with returns': (t, n) => lines(base64(`${words(n % 12)}${t} end`), 64, '\r\n'),
  'base64 in indented lines': (t, n) => `    ${lines(base64(`${words(n % 12)}${t} end`), 64, '\n    ')}`,
  'base64 in a comment': (t, n) => `# ${lines(base64(`${words(n % 12)}${t} end`), 64, '\n# ')}`,
  'base64 in a diff': (t, n) => `+${lines(base64(`${words(n % 12)}${t} end`), 64, '\n+')}`,
  'base64 in a literal': (t, n) => JSON.stringify({ content: lines(base64(`${words(n % 12)}${t} end`), 60) }),
  'base64 of a gzip stream': (t) => gzipSync(`value ${t}`).toString('base64'),
  'base64 of percents': (t) => base64(`a ${percent(t)}`),
  'base64 in percents': (t) => encodeURIComponent(base64(`vvvvv ${t}?`)),
  hex: (t) => hex(`the value ${t}`),
  'hex in capitals': (t) => hex(`the value ${t}`).toUpperCase(),
  'hex in lines': (t, n) => lines(hex(`${words(n % 6)}${t}`), 60),
  percents: percent,
  'percent of a percent': (t) => t.replace('_', '%255f'),
  'one letter as \\u': (t, n) => t.replace(t[4 + (n % 30)] ?? '', (char) => `\\u00${hex(char)}`),
  'one letter as \\x': (t, n) => t.replace(t[n % 40] ?? '', (char) => `\\x${hex(char)}`),
  'an entity': (t) => t.replace('_', '&#95;'),
  'invisible characters': (t) => `${t.slice(0, 10)}\u200b${t.slice(10)}`,
  colours: (t) => `\u001b[32m${t}\u001b[0m`,
  'colours as logs write them': (t) => `\\u001b[1;32m${t}\\u001b[0m`,
};
const names = Object.keys(CODES);
/** Behind what a code may stand on its line; those of several lines have words of their own before them. */
const LEADS = ['', '  key: ', 'x=', '"', '1 ', '2026-01-02T03:04:05Z '];
const innocent = (n: number): string =>
  [
    `line ${n} of some log, nothing here`,
    `é ü ✓ passed in ${n} ms`,
    '',
    '  at Object.<anonymous> (/srv/app/src/file.js:12:5)',
    '100%25 done \\u0041bc &#65;',
    `  "sha": "${createHash('sha1').update(`${n}`).digest('hex')}",`,
    'GET /a%20b/c?d=%2Fx 200',
    `- sha256:${createHash('sha256').update(`${n}`).digest('hex')}`,
    createHash('sha256').update(`${n} 2`).digest('hex'),
    'x'.repeat(n % 400),
  ][n % 10] ?? '';

const piece = fc.record({
  code: fc.constantFrom(...names),
  /** Few, so that one often stands twice, in two codes. */
  token: fc.nat(3),
  n: fc.nat(1000),
  lead: fc.constantFrom(...LEADS),
  before: fc.array(fc.nat(4000), { maxLength: 3 }),
});

/** Stars; a terminal's sequence is no part of what it colours. */
const HIDDEN = new RegExp(String.raw`^\**(?:(?:${String.fromCharCode(27)}|\\u001b)\[0m)?$`);

test('whatever stands around it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.nat(4000), async (pieces, last) => {
      const shown: string[] = [];
      const coded: { readonly name: string; readonly from: number; readonly to: number }[] = [];
      for (const { code, token, n, lead, before } of pieces) {
        for (const one of before) shown.push(innocent(one));
        const text = CODES[code]?.(githubToken(`code ${token}`), n) ?? '';
        const own = text.includes('\n') || code === 'base64 in a literal' ? text : `${lead}${text}`;
        const from = shown.length;
        shown.push(...own.split('\n'), '.');
        coded.push({ name: code, from, to: shown.length - 1 });
      }
      shown.push(innocent(last));
      const text = shown.join('\n');
      const masked = await maskSecrets({ texts: [text] });
      if (masked.kind !== 'masked') throw new Error(masked.kind);
      const after = (masked.texts[0] ?? '').split('\n');
      for (const { name, from, to } of coded)
        expect([
          name,
          after
            .slice(from, to)
            .join('')
            .replace(/^[^*]*\*/, ''),
        ]).toEqual([name, expect.stringMatching(HIDDEN)]);
      const inCode = new Set(coded.flatMap(({ from, to }) => shown.slice(from, to).map((_, at) => from + at)));
      expect(after.filter((_, at) => !inCode.has(at))).toEqual(shown.filter((_, at) => !inCode.has(at)));
      const reply = await new Scanner().obey({ kind: 'scan', items: [{ id: 'text', bytes: Buffer.from(text) }] });
      if (reply.kind !== 'scanned') throw new Error(reply.kind);
      expect(reply.hits.filter(({ line }) => !inCode.has(line - 1))).toEqual([]);
      expect(reply.hits).toHaveLength(new Set(pieces.map(({ token }) => token)).size);
    }),
    { numRuns: 150 },
  );
}, 120_000);

test('of two readings that count their columns apart neither hides a secret of the other', async () => {
  const [plain, wide] = [githubToken('plain'), githubToken('wide')];
  // Without the NULs the second stands in the column in which the first one stands with them.
  const bytes = Buffer.from(`${'\0'.repeat(41)}${plain} ${[...wide].join('\0')}`);
  const reply = await new Scanner().obey({ kind: 'scan', items: [{ id: 'text', bytes }] });
  if (reply.kind !== 'scanned') throw new Error(reply.kind);
  expect(reply.hits.map(({ encoding }) => encoding)).toEqual(['text', 'utf-16']);
});
