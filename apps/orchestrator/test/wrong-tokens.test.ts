/** Who has shown wrong tokens waits: by address, in bounded memory, and until it has been quiet for long. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Context } from 'hono';
import { createWrongTokens, REMEMBERED, type WrongTokens } from '../src/http/wrong-tokens.ts';

let nowMs = 0;
let told: string[] = [];
let wrong: WrongTokens;
beforeEach(() => {
  [nowMs, told] = [1000, []];
  wrong = createWrongTokens({ now: () => nowMs, onWait: (address) => void told.push(address) });
});

const from = (remoteAddress: string | undefined): Context =>
  ({ env: { incoming: { socket: { remoteAddress } } } }) as unknown as Context;
const times = (count: number, address: string): number[] =>
  Array.from({ length: count }, () => wrong.noted(from(address)));

test('after five wrong ones an address waits, twice as long each time, and a minute at most', () => {
  expect(times(7, '10.0.0.1')).toEqual([0, 0, 0, 0, 0, 1, 1]);
  const waits: number[] = [];
  for (let round = 0; round < 9; round++) {
    nowMs += 61_000;
    expect(times(1, '10.0.0.1')).toEqual([0]);
    waits.push(...times(1, '10.0.0.1'));
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 60]);
  expect(told).toEqual(['10.0.0.1']);
});

test('another address does not wait, and what was long ago is forgotten', () => {
  times(6, '10.0.0.1');
  expect(times(5, '10.0.0.2')).toEqual([0, 0, 0, 0, 0]);
  nowMs += 600_001;
  expect(times(5, '10.0.0.1')).toEqual([0, 0, 0, 0, 0]);
  expect(told).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1']);
});

test.each([
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff:1:2:3', '2001:db8:1:3::1'],
  ['::1', '0:0:0:0:0:0:0:2', '0:0:0:1::1'],
  ['fe80::1%eth0', 'fe80::2', 'fe81::1'],
  ['::ffff:10.0.0.1', '10.0.0.1', '::ffff:10.0.0.2'],
])('%s and %s are one sender, %s is another', (one, same, other) => {
  times(5, one);
  expect(times(1, same)).toEqual([1]);
  expect(times(1, other)).toEqual([0]);
});

test('the last ones are remembered, and no more; a request without a connection has no address', () => {
  times(5, '10.0.0.1');
  for (let at = 0; at < REMEMBERED; at++) wrong.noted(from(`172.16.${at >> 8}.${at & 255}`));
  expect(times(1, '10.0.0.1')).toEqual([0]);
  expect(wrong.noted(from(undefined))).toBe(0);
  expect(wrong.noted({ env: undefined } as unknown as Context)).toBe(0);
});
