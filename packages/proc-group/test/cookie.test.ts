import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Cookie, carries, carveCookie } from '../src/containment/carve-cookie.ts';

const UNLIMITED = { soft: 2n ** 64n, hard: 2n ** 64n };
const worn = ({ low, high }: Cookie) => ({ soft: low, hard: high });
const carve = (around: { soft: bigint; hard: bigint }, taken: Cookie[] = []): Cookie => {
  const cookie = carveCookie(around, taken);
  if (cookie === null) throw new Error('no interval left');
  return cookie;
};

describe('a mark', () => {
  test('is recognised on every process that carries it, and on none without', () => {
    const cookie = carve(UNLIMITED);
    expect(carries(worn(cookie), cookie)).toBe(true);
    expect(carries(UNLIMITED, cookie)).toBe(false);
  });

  test('of a run inside a run is recognised by the outer run and not the other way round, four deep', () => {
    let around = UNLIMITED;
    const outer: Cookie[] = [];
    for (let depth = 0; depth < 4; depth += 1) {
      const cookie = carve(around);
      for (const other of outer) {
        expect(carries(worn(cookie), other)).toBe(true);
        expect(carries(worn(other), cookie)).toBe(false);
      }
      outer.push(cookie);
      around = worn(cookie);
    }
    expect(carveCookie(around, [])).toBeNull();
  });

  test('never overlaps one that is in use', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (seed) => {
        let turn = seed;
        const taken: Cookie[] = [];
        for (let count = 0; count < 20; count += 1) {
          const cookie = carveCookie({ soft: 0n, hard: 2n ** 22n }, taken, () => {
            turn = (turn * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n;
            return turn >> 20n;
          });
          if (cookie === null) continue;
          for (const other of taken) expect(other.high < cookie.low || cookie.high < other.low).toBe(true);
          taken.push(cookie);
        }
        expect(taken.length).toBeGreaterThan(10);
      }),
    );
  });

  test('still shows when only one of its ends was lowered', () => {
    const cookie = carve(UNLIMITED);
    expect(carries({ soft: 0n, hard: cookie.high }, cookie)).toBe(true);
    expect(carries({ soft: cookie.low, hard: cookie.low }, cookie)).toBe(true);
  });
});
