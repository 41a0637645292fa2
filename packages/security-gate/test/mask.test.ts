import { maskSecrets } from '@gatehouse/security-gate';
import { expect, test } from '@jest/globals';
import { noise } from './fake-secrets.ts';

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
