/** What an editor shows of the packages, read from the `.d.ts` files that are shipped. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { exportsOf } from '../src/api/declarations.ts';
import { hoversOf, silent, strayed } from '../src/api/hover.ts';

const PACKAGES = join(import.meta.dirname, '../../../packages');

describe.each(readdirSync(PACKAGES))('%s', (name) => {
  const exported = exportsOf(join(PACKAGES, name));

  test('every export and every member has a text of its own', () => {
    expect(silent(exported)).toEqual([]);
    expect(hoversOf(exported)).toBeGreaterThan(20);
  });

  test('an export says what the function behind it says', () => {
    expect(strayed(exported)).toEqual([]);
  });
});

/** What is found in a package of these files. */
function planted(files: Readonly<Record<string, string>>): { silent: string[]; strayed: string[] } {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-hover-'));
  mkdirSync(join(root, 'dist'));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, 'dist', path), text);
  const exported = exportsOf(root);
  rmSync(root, { recursive: true });
  const names = (found: readonly string[]) => found.map((line) => line.split(' ')[0] ?? '');
  return { silent: names(silent(exported)), strayed: names(strayed(exported)) };
}

describe('what says nothing is found', () => {
  test.each([
    ['an export without a comment', 'export declare const a: number;', ['a']],
    ['a comment that is only a link', '/** {@link x.run} */\nexport declare const a: number;', ['a']],
    [
      'a link in place of the first sentence',
      '/** {@link x.run}. Never throws. */\nexport declare const a: number;',
      ['a'],
    ],
    ['a tag without words', '/** @deprecated */\nexport declare const a: number;', ['a']],
    ['a comment that belongs to something else', '/** Text here. */\ntype B = 1;\nexport type A = B;', ['A']],
    ['a member', '/** Text. */\nexport interface A { b: number; /** Text. */ c: 1 }', ['A.b']],
    ['a member of a member', '/** Text. */\nexport interface A { /** Text. */ b: { c: 1 } }', ['A.b.c']],
    ['a member of one of several', "/** Text. */\nexport type A = { kind: 'x' } | { kind: 'y'; z: 1 };", ['A.z']],
    ['a member of a type that is only reached', 'interface B { c: 1 }\n/** Text. */\nexport type A = B;', ['B.c']],
    [
      'a public field of a class',
      '/** Text. */\nexport declare class A { #private; b: 1; constructor(b: 1) }',
      ['A.b'],
    ],
    ['a parameter', '/** Text. */\nexport declare function a(of: { b: 1 }): void;', ['a.b']],
  ])('%s', (_, door, names) => {
    expect(planted({ 'index.d.ts': door }).silent).toEqual(names);
  });

  test('in the file that a name comes from, under the name that it is exported by', () => {
    const files = { 'index.d.ts': "export { type B as A } from './b.ts';", 'b.d.ts': 'export interface B { c: 1 }' };
    expect(planted(files).silent).toEqual(['A', 'A.c']);
  });

  test('an export that says another thing than its function', () => {
    const door = "import * as b from './b.ts';\n/** Text. */\nexport declare const a: typeof b.a;";
    const of = (doc: string) =>
      planted({ 'index.d.ts': door, 'b.d.ts': `/** ${doc} */\nexport declare function a(): 1;` });
    expect(of('Other.').strayed).toEqual(['a']);
    expect(of('Text.')).toEqual({ silent: [], strayed: [] });
  });

  test('a door that leads nowhere is an error, not an empty list', () => {
    expect(() => planted({ 'index.d.ts': "export { a } from './b.ts';", 'b.d.ts': 'export {};' })).toThrow(
      'declares no a',
    );
  });
});
