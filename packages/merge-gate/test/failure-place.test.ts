/** Where a failing test stands, by what its runner prints of it. */
import { describe, expect, test } from '@jest/globals';
import { placeOf } from '../src/failure-place.ts';

const FILES = [
  'src/sum.ts',
  'src/sum.test.ts',
  'tests/test_a.py',
  'pkg/a_test.go',
  'src/lib.rs',
  'a/FooTest.java',
  'b/x.go',
  'c/x.go',
];

describe('the line of a failing test is found in what is printed by', () => {
  test.each([
    ['node:test', 'a is one', '    at TestContext.<anonymous> (file://src/sum.test.ts:4:33)', 'src/sum.test.ts:4'],
    [
      'jest',
      'src/sum.test.ts > a',
      '  at add (src/sum.ts:2:3)\n  at Object.<anonymous> (src/sum.test.ts:5:13)',
      'src/sum.test.ts:5',
    ],
    [
      'jest in a library',
      'a',
      'at x (node_modules/y/z.test.js:2:3)\n  at Object.<anonymous> (src/sum.test.ts:5:13)',
      'src/sum.test.ts:5',
    ],
    ['vitest', 'a', ' ❯ src/sum.test.ts:5:13', 'src/sum.test.ts:5'],
    [
      'pytest',
      'tests/test_a.py::test_f',
      'E assert 1 == 2\n\ntests/test_a.py:12: AssertionError',
      'tests/test_a.py:12',
    ],
    ['unittest', 'test_f', 'File "tests/test_a.py", line 12, in test_f', 'tests/test_a.py:12'],
    ['go test', 'TestA', '    a_test.go:7: got 1', 'pkg/a_test.go:7'],
    ['cargo', 'tests::a', "thread 'tests::a' panicked at src/lib.rs:9:5:", 'src/lib.rs:9'],
    ['junit', 'FooTest > a', 'at FooTest.a(FooTest.java:21)', 'a/FooTest.java:21'],
  ])('%s', (_, name, detail, place) => {
    const found = placeOf({ name, detail }, FILES);
    expect(`${found?.path}:${found?.line}`).toBe(place);
  });
});

test.each([
  ['a file that the commit does not have', 'at x (elsewhere.js:3:1)'],
  ['one of two of that name', 'x.go:3: no'],
  ['a time and an address', '12:30:01 http://localhost:8080 10.0.0.1:80'],
  ['line 0', 'src/sum.ts:0'],
])('%s is no place', (_, detail) => {
  expect(placeOf({ name: 'a', detail }, FILES)).toBeNull();
});
