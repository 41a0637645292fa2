import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BEFORE, endOf, startOf } from '../src/platform/cut-text.ts';
import { readTail } from '../src/platform/files.ts';
import { logText } from '../src/platform/log-text.ts';
import { maskedEnd, maskedStart } from '../src/platform/masked-ends.ts';
import { scratchFolder } from './scratch-forge.ts';

const TOKEN = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
const filler = (length: number): string => `${'lorem ipsum '.repeat(length / 12 + 1)}`.slice(0, length);

describe('a text that is too long', () => {
  test('ends or begins with a line, and says how much is left out and where it is', () => {
    const text = Array.from({ length: 9 }, (_, at) => `line ${at}`).join('\n');
    expect(startOf(text, 20, 'all of it: /log')).toBe('line 0\nline 1\n(… 49 characters more); all of it: /log');
    expect(endOf(text, 20, 'all of it: /log')).toBe('(… 49 characters before this); all of it: /log\nline 7\nline 8');
    expect([startOf(text, 62), endOf(text, 62)]).toEqual([text, text]);
  });

  test('without a line end is cut in the line, and no character is cut in half', () => {
    expect(startOf(`${'x'.repeat(9)}😀y`, 10)).toBe(`${'x'.repeat(9)}\n(… 3 characters more)`);
    expect(endOf(`y😀${'x'.repeat(9)}`, 10)).toBe(`(… 3 characters before this)\n${'x'.repeat(9)}`);
    const huge = 'x'.repeat(10_000_000);
    expect(startOf(huge, 100)).toBe(`${'x'.repeat(100)}\n(… 9999900 characters more)`);
    expect(endOf(huge, 100)).toHaveLength(100 + '(… 9999900 characters before this)\n'.length);
  });

  test('of any characters stays well formed, within its limit, and says what is missing', () => {
    const words = fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', '😀', 'é'), maxLength: 200 });
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 60 }), (text, limit) => {
        for (const cut of [startOf(text, limit), endOf(text, limit)]) {
          expect(cut.isWellFormed()).toBe(true);
          const left = /\(… (\d+) characters? (?:more|before this)\)/.exec(cut);
          const shown = cut.replace(/^\(… .* before this\)\n|\n\(… .* more\)$/g, '');
          expect([
            text === cut || left !== null,
            shown.length <= Math.max(limit, cut === text ? text.length : 0),
          ]).toEqual([true, true]);
          if (left !== null) expect(shown.length + Number(left[1])).toBe(text.length);
        }
      }),
    );
  });

  test.each([0, 1, 10, 20, 39, 40])('that is cut %i characters into a secret shows no part of it', async (into) => {
    for (const around of [filler, (length: number) => filler(length).replaceAll('m ', 'm\r\n')]) {
      const text = `${around(40_000)} ${TOKEN} ${around(1000)}`;
      const shown = await maskedEnd(text, 1001 + TOKEN.length - into);
      for (let at = 0; at + 8 <= TOKEN.length; at += 1) expect(shown).not.toContain(TOKEN.slice(at, at + 8));
      expect(shown).toMatch(/^\(… \d+ characters before this\)\n/);
    }
  });
});

test('the beginning that is shown holds no half of a secret, and counts all that is left out', async () => {
  expect(await maskedStart(`key ${TOKEN} ${'x'.repeat(40_000)}`, 24)).toBe(
    `key ${'*'.repeat(20)}\n(… 40021 characters more)`,
  );
  expect(await maskedStart('short', 24)).toBe('short');
});

test('the end of a log shows no half of a secret and none of a character, and counts the bytes before it', async () => {
  const path = join(scratchFolder(), 'a.log');
  const shownOf = async (text: string, limit: number): Promise<string> => {
    writeFileSync(path, text);
    const end = await readTail(path, limit + BEFORE);
    if (end === null) throw new Error('unreadable');
    return logText([{ name: 'a.log', text: end.text, skippedBytes: end.skipped, limit }]);
  };
  const half = await shownOf(`${'x '.repeat(20_000)}${TOKEN} ${'y '.repeat(100)}`, 221);
  expect(half).toMatch(/^==> a\.log \(40020 bytes before this\)\n\*{20} (?:y )+$/);
  expect(await shownOf(`${'é'.repeat(20_000)}`, 1)).toBe('==> a.log (39998 bytes before this)\né');
  expect(await shownOf(`one\ntwo\nthree`, 9)).toBe('==> a.log (8 bytes before this)\nthree');
  expect(await shownOf('all', 9)).toBe('==> a.log\nall');
});
