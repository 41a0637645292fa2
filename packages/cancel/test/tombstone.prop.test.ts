import { recoverKey, tombstoneKey } from '@gatehouse/cancel';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

const MARK = '~stopped~';
/** Text that resembles tombstones, halves of them, and the signs that escape them. */
const awkward = fc
  .array(fc.oneof(fc.constantFrom(MARK, '~', 'stopped', 'stopped~', '~stopped', '%', '%7E', '%25'), fc.string()))
  .map((parts) => parts.join(''));

test('a tombstone is the key, the mark and the task, and recovering gives the key back', () => {
  expect(tombstoneKey('feature/T-1', 't-1f')).toBe('feature/T-1~stopped~t-1f');
  expect(recoverKey('feature/T-1~stopped~t-1f')).toBe('feature/T-1');
});

test('whatever a key and a task are called, the key comes back', () => {
  fc.assert(
    fc.property(awkward, awkward, (key, id) => {
      expect(recoverKey(tombstoneKey(key, id))).toBe(key);
    }),
    { numRuns: 2000 },
  );
});

test('exactly one tombstone is taken off, the last one', () => {
  fc.assert(
    fc.property(awkward, fc.array(awkward, { minLength: 1, maxLength: 4 }), (key, ids) => {
      const tombstoned = ids.reduce(tombstoneKey, key);
      const before = ids.slice(0, -1).reduce(tombstoneKey, key);
      expect(recoverKey(tombstoned)).toBe(before);
    }),
  );
});

test('a key without a tombstone is answered as it is', () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      fc.pre(!key.includes(MARK));
      expect(recoverKey(key)).toBe(key);
    }),
  );
});

test('two tasks never share a tombstone', () => {
  fc.assert(
    fc.property(awkward, awkward, awkward, awkward, (key, id, otherKey, otherId) => {
      fc.pre(key !== otherKey || id !== otherId);
      expect(tombstoneKey(key, id)).not.toBe(tombstoneKey(otherKey, otherId));
    }),
    { numRuns: 2000 },
  );
});
