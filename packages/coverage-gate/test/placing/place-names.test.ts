/** Names in reports and the files of the commit they mean. */
import { describe, expect, test } from '@jest/globals';
import { placeNames } from '../../src/placing/place-names.ts';
import { lineSet } from '../requests.ts';
import { place, tree } from './trees.ts';

const TREE = tree('index.js', 'src/a.ts', 'src/b.ts', 'app/src/c.py', 'x/lib/d.ts', 'y/lib/d.ts');
const ROOTS = { roots: ['/slots/1'] };

function mapped(...names: string[]): { found: string[]; dropped: readonly string[] } {
  const { lines, unplaced, foreign } = place(names, TREE, ROOTS);
  return { found: [...lines.keys()], dropped: [...unplaced, ...foreign].map(({ name }) => name) };
}

describe('a name in a report', () => {
  test.each([
    ['relative', 'src/a.ts', 'src/a.ts'],
    ['with a leading dot', './src/a.ts', 'src/a.ts'],
    ['absolute in the slot', '/slots/1/src/a.ts', 'src/a.ts'],
    ['absolute in a container', '/build/work/src/a.ts', 'src/a.ts'],
    ['with a drive letter and backslashes', 'C:\\work\\src\\a.ts', 'src/a.ts'],
    ['relative to a source root', 'src/c.py', 'app/src/c.py'],
  ])('%s is found', (_, name, path) => {
    expect(mapped(name)).toEqual({ found: [path], dropped: [] });
  });

  test.each([
    ['climbs out', '../src/a.ts'],
    ['climbs in the middle', 'src/../../src/a.ts'],
    ['fits two files', 'lib/d.ts'],
    ['is not in the commit', 'src/z.ts'],
    ['is a prototype member', '__proto__'],
  ])('that %s is dropped', (_, name) => {
    expect(mapped(name)).toEqual({ found: [], dropped: [name] });
  });

  test('of a tool outside of the container root does not pass for a file of the same name', () => {
    const names = ['/w/src/a.ts', '/w/src/b.ts', '/usr/lib/node_modules/tool/index.js'];
    expect(mapped(...names)).toEqual({ found: ['src/a.ts', 'src/b.ts'], dropped: [names[2]] });
  });
});

test('two names of one file are a union', () => {
  const files = new Map([
    ['src/a.ts', lineSet([1, 2], [1])],
    ['/slots/1/src/a.ts', lineSet([2, 3], [2])],
  ]);
  const { lines } = placeNames(files, TREE, ROOTS);
  expect(lines.get('src/a.ts')).toMatchObject({
    seen: lineSet([1, 2, 3], []).seen,
    hit: lineSet([], [1, 2]).hit,
  });
});
