import { type Keys, parseArtefact, readArtefact, type Scalar, writeArtefact } from '@gatehouse/artefact';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import { renderDocument } from '../src/write.ts';
import { freshStore } from './store.ts';

const dir = freshStore();
const yamlWords = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null']);
const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/).filter((word) => !yamlWords.has(word));
const tricky = fc.constantFrom(
  'true',
  'no',
  '1',
  '1e3',
  '0x1f',
  '~',
  '',
  ' a ',
  '---',
  '#',
  'a: b',
  '\u0085',
  '\ufeff',
  '😀',
);
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.boolean(),
  fc.maxSafeInteger(),
  tricky,
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const front = fc.dictionary(key, scalar, { minKeys: 1, maxKeys: 6, noNullPrototype: true });
const body = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('---\nverdict: PASS\n---\n', '\n---\n', '\r\n'));

const keysOf = (values: Record<string, Scalar>): Keys =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? 'string' : typeof value === 'number' ? 'integer' : 'boolean',
    ]),
  );

const bytesOf = (values: Record<string, Scalar>, text: string): Uint8Array => {
  const rendered = renderDocument(values, text);
  if (rendered.kind !== 'bytes') throw new Error(rendered.reason);
  return rendered.bytes;
};

test('whatever is written reads back equal', async () => {
  await fc.assert(
    fc.asyncProperty(front, body, async (values, text) => {
      const place = { dir: dir(), name: 'verdict.md' };
      const written = await writeArtefact({ ...place, front: values, body: text });
      const read = await readArtefact({ ...place, keys: keysOf(values) });
      expect(read).toEqual({
        kind: 'read',
        front: values,
        body: text,
        digest: written.kind === 'written' && written.digest,
      });
    }),
    { numRuns: 60 },
  );
});

test('any YAML reader sees the same values in the front, which is pure ASCII', () => {
  fc.assert(
    fc.property(front, (values) => {
      const text = Buffer.from(bytesOf(values, '')).toString('latin1');
      expect(text).toMatch(/^[\n\x20-\x7e]*$/);
      for (const version of ['1.1', '1.2'] as const)
        expect(parseYaml(text.slice(4, -4), { version, stringKeys: true })).toEqual(values);
    }),
    { numRuns: 300 },
  );
});

test('a mutated document never reads as something else: what reads is what its own bytes spell', () => {
  const mutation = fc.record({
    at: fc.nat(),
    byte: fc.nat(255),
    how: fc.constantFrom('set', 'insert', 'drop', 'repeat'),
  });
  let read = 0;
  let refused = 0;
  fc.assert(
    fc.property(front, body, fc.array(mutation, { minLength: 1, maxLength: 3 }), (values, text, mutations) => {
      const original = bytesOf(values, text);
      const mutated = mutations.reduce((bytes, { at, byte, how }) => {
        const place = at % (bytes.length + 1);
        const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
        const middle = how === 'drop' ? [] : how === 'repeat' ? tail.subarray(0, 9) : [byte];
        return Buffer.concat([
          head,
          Buffer.from(middle),
          how === 'insert' || how === 'repeat' ? tail : tail.subarray(1),
        ]);
      }, Buffer.from(original));
      const answer = parseArtefact(mutated, keysOf(values));
      if (answer.kind === 'malformed') refused += 1;
      else {
        read += 1;
        expect(Buffer.from(bytesOf(answer.front, answer.body)).equals(mutated)).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(read, refused)).toBeGreaterThan(50);
});
