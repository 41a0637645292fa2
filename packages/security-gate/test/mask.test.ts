import { generateKeyPairSync } from 'node:crypto';
import { maskSecrets } from '@gatehouse/security-gate';
import { describe, expect, test } from '@jest/globals';
import { githubToken, noise } from './fake-secrets.ts';

const TOKEN = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');

test('every secret in a text that will be shown becomes stars, and everything else stays', async () => {
  const masked = await maskSecrets({ texts: ['nothing here\n', `ä one\n${TOKEN}\ntwice: ${TOKEN}.\nthe end`, ''] });
  const stars = '*'.repeat(TOKEN.length);
  expect(masked).toEqual({
    kind: 'masked',
    texts: ['nothing here\n', `ä one\n${stars}\ntwice: ${stars}.\nthe end`, ''],
  });
});

test('an encoded secret takes its whole line with it', async () => {
  const encoded = Buffer.from(`token=${TOKEN}\n`).toString('base64');
  const masked = await maskSecrets({ texts: [`before\nkey: ${encoded}\nafter`] });
  expect(JSON.stringify(masked)).not.toContain(encoded.slice(0, 20));
  expect(masked).toMatchObject({ texts: [expect.stringMatching(/^before\n\*+\nafter$/)] });
});

test('a scan that was cut off shows nothing', async () => {
  expect((await maskSecrets({ texts: [TOKEN], signal: AbortSignal.abort() })).kind).toBe('tool-failed');
});

async function masking(texts: readonly string[]): Promise<readonly string[]> {
  const masked = await maskSecrets({ texts });
  if (masked.kind !== 'masked') throw new Error(masked.kind);
  return masked.texts;
}

/** Runs of ten characters of the secret that can still be read. */
const leftOf = (text: string, secret: string): readonly string[] =>
  Array.from({ length: Math.max(0, secret.length - 9) }, (_, at) => secret.slice(at, at + 10)).filter((run) =>
    text.includes(run),
  );

test('the whole of a value goes where the engine names only the beginning of its name', async () => {
  const value = noise('half', 40);
  const texts = [
    `  secret_access_key: ${value}\n`,
    `  AWS_SECRET_ACCESS_KEY: "${value}"\n`,
    `_authToken=${value}\n`,
    `git+https://${value}:x-oauth-basic@github.com/a/b\n`,
  ];
  const masked = await masking(texts);
  expect(masked.map((text) => leftOf(text, value))).toEqual(texts.map(() => []));
  expect(masked[0]).toBe(`  secret_access_key: ${'*'.repeat(40)}\n`);
});

test('the five hundredth secret of a text goes as the first one does, and so does one behind thousands, wherever it stands again', async () => {
  const tokens = Array.from({ length: 2_600 }, (_, n) => githubToken(`many ${n}`));
  const text = tokens.map((token, at) => `line ${at}: ${token} and ${tokens[at % 7] ?? ''}\n`).join('');
  const masked = await masking([tokens.slice(0, 500).join('\n'), text]);
  expect(masked.map((shown) => tokens.filter((token) => shown.includes(token)).length)).toEqual([0, 0]);
  expect(masked[1]).toMatch(/^line 0: \*{40} and \*{40}\n/);
  expect(masked.map(({ length }) => length)).toEqual([500 * 41 - 1, text.length]);
});

test('secrets that overlap, or begin alike, all go, and nothing else does', async () => {
  const [one, two] = [githubToken('one'), githubToken('two')];
  const url = `https://user:${one}@host.internal/`;
  const masked = await masking([`${url} ${one}${two.slice(0, 8)} ${two}\nplain ${two.slice(0, 12)}\n`]);
  expect(masked[0]).not.toContain(one.slice(4));
  expect(masked[0]).not.toContain(two);
  expect(masked[0]).toContain(`\nplain ${two.slice(0, 12)}\n`);
});

test('a text with more secrets than can be told apart is withheld, says so, and takes no other text with it', async () => {
  const flood = Array.from(
    { length: 50_001 },
    (_, n) => `https://u:${((n + 1) * 48_271).toString(36)}Zq${(n * 40_503 + 7).toString(36)}x9@h.io\n`,
  );
  expect(await masking([flood.join(''), 'plain\n'])).toEqual([
    '(withheld: one object holds more than 50000 secrets)',
    'plain\n',
  ]);
});

const hex = (text: string): string => Buffer.from(text).toString('hex');
test.each<[string, string]>([
  ['percent of every letter', TOKEN.replace(/./g, (char) => `%${hex(char)}`)],
  ['an escape of one letter', TOKEN.replace('_', '\\u005f')],
  ['hex', hex(`a ${TOKEN}`)],
  ['hex in lines', hex(`${'some text '.repeat(6)}${TOKEN}`).replace(/.{60}/g, '$&\n')],
  [
    'base64 in lines',
    Buffer.from(`${'some text '.repeat(12)}${TOKEN}`)
      .toString('base64')
      .replace(/.{64}/g, '$&\n'),
  ],
])('a secret as %s on a late line goes whole, and no other line does', async (_, encoded) => {
  const before = 'one line\nanother line, of some length, that is nobody’s business\ndata:\n';
  const masked = await maskSecrets({ texts: [`${before}${encoded}\nlast line\n`] });
  expect(masked).toEqual({
    kind: 'masked',
    texts: [`${before}${encoded.replace(/[^\n]/g, '*')}\nlast line\n`],
  });
});

describe('a private key', () => {
  const { privateKey: pem } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const each = (before: string, behind = ''): string =>
    pem
      .split('\n')
      .map((line) => `${before}${line}${behind}`)
      .join('\n');
  const body = pem.split('\n').filter((line) => /^[A-Za-z0-9+/=]+$/.test(line));
  test.each<[string, string]>([
    ['as it is', pem],
    ['that was cut', pem.split('\n').slice(0, 9).join('\n')],
    ['in a comment', each(' * ')],
    ['in a diff', each('+   ')],
    ['in a log', each('2026-01-02T03:04:05.678Z ')],
    ['of a container', each('web_1  | ')],
    ['in colours', each('\u001b[32m', '\u001b[0m')],
    ['in literals', each('"', '\\n" .')],
    ['in a list of lines', JSON.stringify(pem.split('\n'), null, 1)],
    ['in JSON', JSON.stringify({ pem })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ pem }))],
    ['in percents', encodeURIComponent(pem)],
    ['of a form', encodeURIComponent(pem).replaceAll('%20', '+')],
    ['with entities', pem.replaceAll('\n', '&#10;')],
    ['with escapes', pem.replaceAll('\n', '\\u000a')],
    ['in one line', pem.replaceAll('\n', ' ')],
  ])('%s goes whole, and nothing before it', async (_, text) => {
    const [masked = ''] = await masking([`before\n${text}\nafter, some words\n`]);
    expect(body.filter((line) => masked.includes(line) || masked.includes(encodeURIComponent(line)))).toEqual([]);
    expect(masked).toMatch(/^before\n[\s\S]*\nafter, some words\n$/);
  });
});

test('what one text shows to be a secret is one in all of them', async () => {
  const value = noise('pooled', 20);
  const masked = await masking([`db_password = "${value}"\n`, `login failed with ${value}\n`]);
  expect(masked).toEqual([`db_password = "${'*'.repeat(20)}"\n`, `login failed with ${'*'.repeat(20)}\n`]);
});

test.each([
  ['a plus as .NET writes it', 'PASSWORD=Xk9mQ2vL8wA1xT5\\u002Bp8zzR4tW7', /^\*+$/],
  ['a quote', JSON.stringify({ password: 'Xk9mQ2vL8w"p8#zzR4tW7' }), /^\{"password":"\*+"\}$/],
])('a value with %s in it goes whole', async (_, text, left) => {
  expect((await masking([text]))[0]).toMatch(left);
});
