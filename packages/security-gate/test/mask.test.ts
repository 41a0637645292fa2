import { maskSecrets } from '@gatehouse/security-gate';
import { expect, test } from '@jest/globals';

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
