/** What a report keeps of its files answers as a Map would, also where names were chosen to share a place. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FileLines } from '../../src/readers/file-lines.ts';
import type { LineSet } from '../../src/readers/report-lines.ts';

const set = (): LineSet => ({ seen: new Uint32Array(1), hit: new Uint32Array(1) });

/** As FileLines places them; a table begins with 8192 places. */
function placeOf(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) & 8191;
}

function expectAlike(names: readonly string[]): void {
  const files = new FileLines();
  const map = new Map<string, LineSet>();
  for (const name of names) {
    expect(files.get(name)).toBe(map.get(name));
    if (files.has(name)) continue;
    const lines = set();
    files.add(name, lines);
    map.set(name, lines);
  }
  expect(files.size).toBe(map.size);
  for (const name of names) expect(files.get(name)).toBe(map.get(name));
  expect([...files.keys()]).toEqual([...map.keys()]);
  expect([...files.values()].every((one, at) => one === [...map.values()][at])).toBe(true);
  expect([...files].map(([name]) => name)).toEqual([...map.keys()]);
  const told: string[] = [];
  files.forEach((_, name) => {
    told.push(name);
  });
  expect(told).toEqual([...map.keys()]);
  expect(files.has('no such name')).toBe(false);
}

test('any names, also twice, are found, and stay in their order', () => {
  const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '', 'a', 'b'));
  fc.assert(fc.property(fc.array(name, { maxLength: 60 }), expectAlike));
});

test('names of one place are found, and so they are when the table has grown', () => {
  const names = Array.from({ length: 400_000 }, (_, at) => `src/f${at}.js`);
  const crowd = names.filter((name) => placeOf(name) === 7);
  expect(crowd.length).toBeGreaterThan(40);
  expectAlike(crowd);
  expectAlike([...crowd, ...names.slice(0, 9000)]);
});
