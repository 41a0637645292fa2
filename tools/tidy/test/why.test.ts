import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { readTree } from '../src/read-tree.ts';
import { circles, entriesOf } from '../src/service-folders.ts';
import { treeOf } from '../src/tree.ts';
import { checkNamers, contextTakers, pairsOf, typesOf } from '../src/why/figures.ts';
import { walkJourney } from '../src/why/journey.ts';
import { TODAY } from '../src/why/journeys.ts';
import { measure } from '../src/why/rows.ts';

const SRC = 'apps/orchestrator/src';
const tree = treeOf('/lab', {
  [`${SRC}/main.ts`]: "import { serve } from './http/serve.ts';\nserve();\n",
  [`${SRC}/http/serve.ts`]: "import { save } from '../store/save.ts';\nexport function serve() {\n  save();\n}\n",
  [`${SRC}/http/show.ts`]:
    "import type { Row } from '../store/save.ts';\nexport interface Shown {}\nexport type R = Row;\n",
  [`${SRC}/store/save.ts`]:
    "import { run } from '@gatehouse/git';\nexport interface Row {}\nexport const save = () => run();\nexport const told = { save };\n",
  'packages/git/src/run.ts': 'export type Row = 1;\nexport const run = () => told();\n',
});
const walked = (...hops: readonly string[]) => walkJourney(tree, { name: 'a way', hops });

describe('in this repository', () => {
  const here = readTree(fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, ''));

  test.each(TODAY)('the journey is what the code does: $name', (journey) => {
    expect(walkJourney(here, journey).faults).toEqual([]);
  });

  test('every row has a count', () => {
    expect(measure(here).map(({ count }) => count)).toEqual(
      Array.from({ length: 8 }, () => expect.stringMatching(/^\d/)),
    );
  });
});

describe('a journey', () => {
  test('counts different modules, and steps into a folder that was left before', () => {
    expect(
      walked('app/main.ts#serve', 'app/http/serve.ts#serve', 'app/store/save.ts#save', 'git/run.ts#run'),
    ).toMatchObject({ faults: [expect.stringContaining('main.ts declares no serve')] });
    expect(
      walked('app/http/serve.ts#serve', 'app/store/save.ts#save', 'git/run.ts#run', 'app/store/save.ts#told'),
    ).toEqual({ modules: 3, turns: 1, validations: 0, clamps: 0, faults: [] });
  });

  test('counts what is done to the value on the way', () => {
    expect(walked('app/http/serve.ts#serve [validates]', 'app/store/save.ts#save [validates, clamps]')).toMatchObject({
      validations: 2,
      clamps: 1,
    });
  });

  test.each([
    ['a module that is gone', ['app/http/gone.ts#serve'], `there is no ${SRC}/http/gone.ts`],
    ['a symbol that is only used there', ['app/http/serve.ts#save'], 'serve.ts declares no save'],
    ['a step that nothing draws', ['app/http/show.ts#Shown', 'git/run.ts#run'], 'neither'],
    [
      'a step from a place not yet seen',
      ['app/http/serve.ts#serve', 'app/store/save.ts#save < git/run.ts'],
      'no earlier',
    ],
    ['a line that says nothing', ['app/http/serve.ts'], 'there is no'],
  ])('is not confirmed: %s', (_, hops, says) => {
    expect(walked(...hops).faults.join()).toContain(says);
  });
});

describe('the figures', () => {
  test('entries and the arrows between them', () => {
    expect(entriesOf(tree)).toEqual(['http', 'main', 'store']);
    expect(pairsOf(tree)).toEqual(['http -> store', 'main -> http']);
  });

  test('circles are named with all who stand on them', () => {
    const arrows = ['a b', 'b c', 'c a', 'd a', 'e f', 'f e'].map((pair) => pair.split(' '));
    expect(circles(arrows.map(([from = '', to = '']) => ({ from, to })))).toEqual([
      ['a', 'b', 'c'],
      ['e', 'f'],
    ]);
  });

  test('types by the files that declare them', () => {
    const { declared, repeated } = typesOf(tree);
    expect([declared, [...repeated.keys()]]).toEqual([4, ['Row']]);
  });

  test('names of checks in strings, templates and keys, not in comments', () => {
    const named = treeOf('/lab', {
      'packages/git/src/a.ts': "export const a = 'check_merge_gate';\n",
      'packages/git/src/b.ts': 'export const b = `check_it`;\n',
      'packages/git/src/c.ts': 'export const c = { check_it: 1 };\n',
      'packages/git/src/d.ts': "// 'check_it'\nexport const check = 'check it';\n",
      'packages/git/test/e.ts': "export const e = 'check_it';\n",
    });
    expect(checkNamers(named).map((path) => path.at(-4))).toEqual(['a', 'b', 'c']);
  });

  test('whole contexts in parameters and fields, but no part of one', () => {
    const taking = treeOf('/lab', {
      [`${SRC}/a.ts`]: 'function f(all: House, n: number) {}\nconst g = ({ store }: House = x) => store;\n',
      [`${SRC}/b.ts`]: "interface P { readonly all: House }\nfunction h(part: Pick<House, 'store'>) {}\n",
      [`${SRC}/c.ts`]: 'class C { m(all: House) {} }\nconst list = (many: readonly House[]) => many;\n',
    });
    expect(contextTakers(taking, 'House').map((path) => path.at(-4))).toEqual(['a', 'a', 'b', 'c']);
  });
});
