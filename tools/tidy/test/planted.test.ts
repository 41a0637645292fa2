import { describe, expect, test } from '@jest/globals';
import { GUARDS } from '../src/guards.ts';
import { type RepoTree, tell, treeOf, type Violation } from '../src/tree.ts';
import type { NearMiss, Plant } from './plant.ts';
import * as code from './planted/code.ts';
import * as folders from './planted/folders.ts';
import * as imports from './planted/imports.ts';
import * as manifests from './planted/manifests.ts';
import * as prose from './planted/prose.ts';
import * as published from './planted/published.ts';
import * as remotes from './planted/remotes.ts';
import { planted } from './small-repository.ts';

const plants: readonly Plant[] = [code, folders, imports, manifests, prose, published, remotes]
  .flatMap((table) => table.plants)
  .concat(manifests.changesetPlants);
const nearMisses: readonly NearMiss[] = [code, folders, imports, manifests, prose, published, remotes].flatMap(
  (table) => table.nearMisses,
);
const judge = (tree: RepoTree): Violation[] => GUARDS.flatMap((guard) => guard.check(tree));

test('the small repository is green for every guard', () => {
  expect(judge(planted({})).map(tell)).toEqual([]);
});

describe('a planted violation is reported with its file, its line and what to do', () => {
  test.each(plants.map((plant) => ({ ...plant, name: `${plant.rule}: ${plant.title}` })))(
    '$name',
    ({ rule, overlay, at, says, also = [] }) => {
      const found = judge(planted(overlay));
      expect(found.map(({ rule, path, line }) => `${rule} ${path}:${line}`)).toContain(`${rule} ${at}`);
      expect(
        found
          .filter((violation) => violation.rule === rule)
          .map(tell)
          .join('\n'),
      ).toContain(says);
      expect([...new Set(found.map((violation) => violation.rule))]).toEqual([rule, ...also]);
    },
  );
});

describe('a near miss stays green', () => {
  test.each(nearMisses)('$title', ({ overlay }) => {
    expect(judge(planted(overlay)).map(tell)).toEqual([]);
  });
});

test('every rule of every guard is seen red at least once', () => {
  const seen = new Set(plants.flatMap(({ overlay }) => judge(planted(overlay)).map(({ rule }) => rule)));
  expect(GUARDS.flatMap(({ rules }) => rules).filter((rule) => !seen.has(rule))).toEqual([]);
  expect([...seen].filter((rule) => !GUARDS.some(({ rules }) => rules.includes(rule)))).toEqual([]);
});

test.each(GUARDS)('a guard that read nothing is red: $name', ({ check }) => {
  expect(check(treeOf('/lab/desk/gatehouse', {})).map(({ rule }) => rule)).toEqual(['read-nothing']);
});

test('files without a single import are a reader that went blind', () => {
  const tree = treeOf('/lab', { 'packages/git/package.json': '{}', 'packages/git/src/a.ts': 'export {};\n' });
  expect(GUARDS[0]?.check(tree).map(tell)).toEqual([expect.stringContaining('no import was read')]);
});
