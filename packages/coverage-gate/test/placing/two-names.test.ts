/** Two names that mean one file: they agree, they are one name in two spellings, or one of them is not believed. */
import { expect, test } from '@jest/globals';
import { placeNames } from '../../src/placing/place-names.ts';
import type { ReportPlace } from '../../src/placing/scene.ts';
import { lineSet } from '../requests.ts';
import { tree } from './trees.ts';

const TREE = tree('src/a.ts', 'app/src/b.ts');

function united(names: Readonly<Record<string, readonly number[]>>, more: Partial<ReportPlace> = {}) {
  const files = new Map(Object.entries(names).map(([name, seen]) => [name, lineSet(seen, seen.slice(0, 1))]));
  const placed = placeNames(files, TREE, { roots: ['/slots/1'], ...more });
  return {
    lines: [...placed.lines.keys()],
    unplaced: placed.unplaced.map(({ name }) => name),
    united: placed.united,
  };
}

test('spellings of one path and names that agree are a union', () => {
  expect(united({ 'src/a.ts?vue&type=script': [1, 2], 'src/a.ts?vue&type=style': [3] })).toEqual({
    lines: ['src/a.ts'],
    unplaced: [],
    united: ['src/a.ts'],
  });
  expect(united({ 'src/b.ts': [1, 2], 'app/src/b.ts': [1, 2] })).toEqual({
    lines: ['app/src/b.ts'],
    unplaced: [],
    united: [],
  });
});

test('a name known by its ending gives way to one that says where its file is, when their lines differ', () => {
  expect(united({ 'src/b.ts': [1, 2], 'app/src/b.ts': [5] })).toEqual({
    lines: ['app/src/b.ts'],
    unplaced: ['src/b.ts'],
    united: [],
  });
});

test('two bundles with other lines of one file are neither believed', () => {
  expect(united({ 'webpack://shop/./src/a.ts': [1, 2], 'webpack://admin/./src/a.ts': [7] })).toEqual({
    lines: [],
    unplaced: ['webpack://shop/./src/a.ts', 'webpack://admin/./src/a.ts'],
    united: [],
  });
});

test('two modules never share a file, even with the same lines', () => {
  const modules = new Map(['x', 'y'].map((one) => [`${one}/src/a.ts`, { modules: [one], plain: 'src/a.ts' }]));
  expect(united({ 'x/src/a.ts': [1], 'y/src/a.ts': [1] }, { format: 'jacoco', modules })).toMatchObject({
    lines: [],
    unplaced: ['x/src/a.ts', 'y/src/a.ts'],
  });
});
