import { countTests } from '@gatehouse/merge-gate';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normaliseTestName } from '../src/normalise-test-name.ts';

describe('a name is the same in every run', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['a port', 'GET http://127.0.0.1:40123/x answers', 'GET http://127.0.0.1:54021/x answers'],
    ['a port of its own', 'listens on port 49152', 'listens on port 61000'],
    ['a port of any address', 'asks 10.1.2.3:40123', 'asks 10.1.2.3:54021'],
    ['a port of IPv6', 'asks [fe80::1]:40123', 'asks [fe80::1]:54021'],
    ['a process', 'stops pid 4711', 'stops pid 90210'],
    ['a moment', 'made at 2026-11-28T18:20:51.123Z', 'made at 2026-11-29T01:02:03.9Z'],
    ['a clock', 'ends at 18:20:51', 'ends at 07:00:09'],
    ['a count of milliseconds', 'key 1795890051123', 'key 1795890099999'],
    ['an address', 'frees <Object at 0x7f3a2b4c5d6e>', 'frees <Object at 0x7f3a2b000000>'],
    ['a temporary path', 'reads /tmp/pytest-of-me/1/x.txt', 'reads /tmp/pytest-of-me/2/x.txt'],
    ['a path of macOS', 'reads /private/var/folders/ab/T/x', 'reads /private/var/folders/cd/T/x'],
    ['an id', 'row 123e4567-e89b-12d3-a456-426614174000', 'row 00000000-e89b-12d3-a456-426614174fff'],
    ['a duration', 'is quick (12ms)', 'is quick (1.5 s)'],
  ];
  test.each(rows)('%s: %s', (_what, one, other) => {
    expect(normaliseTestName(one)).toBe(normaliseTestName(other));
    expect(normaliseTestName(one)).not.toBe(one);
  });

  test.each([
    'test_a.py::test_p[8080-0x1f]',
    'adds 1 and 2',
    'answers 404 on port 80',
    'suite > handles 12:30 and 2026-11-28',
    'TestBad/sub_one#01',
    'x.ATest > row 1000',
  ])('what tells tests apart is kept: %s', (name) => {
    expect(normaliseTestName(name)).toBe(name);
  });

  test('applied twice, it changes nothing more, and it is bounded', () => {
    const part = fc.constantFrom(
      ...['127.0.0.1:', 'localhost:', 'port ', 'pid=', '/tmp/', '0x', '(', ')', 'ms', ' ', ':', '-', '<', '>', 'T'],
      ...['12', '4711', '1795890051', '2026-11-28', '18:20:51', 'deadbeef', '123e4567-e89b-12d3-a456-426614174000'],
    );
    const name = fc.oneof(
      fc.array(part, { maxLength: 80 }).map((parts) => parts.join('')),
      fc.string({ maxLength: 700 }),
    );
    fc.assert(
      fc.property(name, (text) => {
        const once = normaliseTestName(text);
        return normaliseTestName(once) === once && once.length <= 500;
      }),
      { numRuns: 500 },
    );
  });

  test('every failing name of an output is normalised', () => {
    expect(countTests('not ok 1 - opens /tmp/a1/b\nnot ok 2 - opens /tmp/a2/b\n1..2\n')).toMatchObject({
      failed: ['opens <path>'],
      failures: 2,
    });
  });
});
