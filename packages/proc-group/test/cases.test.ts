import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { fixture } from './trees.ts';

const read = (name: string): string => readFileSync(fixture(`../${name}`), 'utf8');

const rows = read('cases.md')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, number, , file, title]) => ({ number: Number(number), file: file ?? '', title: title ?? '' }));

test('each of the 25 hard cases names a test that is there', () => {
  expect([...new Set(rows.map(({ number }) => number))]).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  expect(rows.filter(({ file, title }) => title === '' || !read(`${file}.test.ts`).includes(`'${title}'`))).toEqual([]);
});
