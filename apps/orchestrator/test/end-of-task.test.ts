import { expect, test } from '@jest/globals';
import { endOf } from '../src/platform/end-of-task.ts';

test.each([
  ['done', 'done', ''],
  ['done: the stop came too late', 'done', 'the stop came too late'],
  ['branch-gone', 'branch-gone', ''],
  ['nothing-to-land', 'nothing-to-land', ''],
  [
    'nothing-to-land: main has it: all, to the byte\nand more',
    'nothing-to-land',
    'main has it: all, to the byte\nand more',
  ],
  ['merged-outside: pull request #3, by ann', 'merged-outside', 'pull request #3, by ann'],
  ['merged, not deployed', 'merged', 'not deployed'],
  ['stopped, unverified: something of it may still run', 'stopped', 'unverified: something of it may still run'],
])('a task that ended as %j has a kind of end and what a person reads', (ended, kind, detail) => {
  expect(endOf({ ended })).toEqual({ kind, detail });
});

test('a task that goes on has no end', () => {
  expect(endOf({ ended: null })).toBeNull();
});
