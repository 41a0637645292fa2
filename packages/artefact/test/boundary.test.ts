import { parseArtefact, readArtefact, writeArtefact } from '@gatehouse/artefact';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostile } from './hostile.ts';
import { freshStore } from './store.ts';

const dir = freshStore();

test('writing with a hostile request answers and opens nothing', async () => {
  const good = { dir: dir(), name: 'a.md', front: { a: 1 }, body: '' };
  const requests = [hostile, undefined, null, 7, 'x', {}, { ...good, dir: hostile }, { ...good, front: hostile }];
  requests.push({ ...good, front: { a: hostile } }, { ...good, body: hostile }, { ...good, mode: 'append' });
  requests.push({ ...good, front: { a: Number.NaN } }, { ...good, front: { a: 'x'.repeat(1e6) } });
  requests.push({ ...good, name: '../a.md' }, { ...good, name: 'a\0.md' }, { ...good, dir: 'a\0b' });
  for (const request of requests) expect((await writeArtefact(request as never)).kind).toMatch(/^(?:refused|crashed)$/);
  expect((await readArtefact({ ...good, keys: { a: 'integer' } })).kind).toBe('missing');
});

test('reading with a hostile request answers and opens nothing', async () => {
  const good = { dir: dir(), name: 'a.md', keys: { a: 'integer' } };
  const requests = [hostile, undefined, null, {}, { ...good, keys: hostile }, { ...good, keys: {} }];
  requests.push({ ...good, keys: { a: hostile } }, { ...good, keys: { a: 'float' } }, { ...good, keys: { a: [] } });
  requests.push({ ...good, maxBytes: Number.NaN }, { ...good, maxBytes: -1 }, { ...good, form: 'loose' });
  for (const request of requests)
    expect((await readArtefact(request as never)).kind).toMatch(/^(?:malformed|crashed)$/);
});

test('parsing is total: whatever it is given, it answers', () => {
  expect(parseArtefact(hostile, hostile).kind).toBe('malformed');
  expect(parseArtefact('x', hostile).kind).toBe('malformed');
  expect(parseArtefact('---\na: 1\n---\n', { a: hostile }).kind).toBe('malformed');
  expect(parseArtefact('---\n'.repeat(1e6), { a: 'string' }).kind).toBe('malformed');
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (document, keys) => {
      expect(parseArtefact(document as never, keys as never).kind).toBe('malformed');
    }),
  );
});

test('no text makes the reader of either form do anything but answer', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-:a&*!|>%{}[\]"'\n ]{0,40}$/));
  fc.assert(
    fc.property(text, fc.constantFrom('canonical' as const, 'authored' as const), (front, form) => {
      expect(parseArtefact(`---\n${front}\n---\n`, { a: 'string' }, form).kind).toMatch(/^(?:read|malformed)$/);
    }),
    { numRuns: 1000 },
  );
});
