/**
 * Laws of placing over random trees and spellings. The oracle knows which file each name was made from, and counts by brute force
 * which files it could mean.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { placeNames } from '../../src/placing/place-names.ts';
import type { ReportPlace } from '../../src/placing/scene.ts';
import { lineSet } from '../requests.ts';
import { place, tree } from './trees.ts';

/** Few names, so that files of one name in several folders are common. */
const part = fc.constantFrom('a', 'b', 'src', 'lib');
const file = fc
  .tuple(fc.array(part, { maxLength: 3 }), fc.constantFrom('x.js', 'index.js', 'é b.js'))
  .map(([folders, base]) => [...folders, base].join('/'));
const trees = fc.uniqueArray(file, { minLength: 1, maxLength: 12 });

/** Ways to spell a path that mean the same. */
const noise = fc.constantFrom<(path: string) => string>(
  (path) => path,
  (path) => path.replaceAll('/', '//'),
  (path) => path.replaceAll('/', '/./'),
  (path) => path.replace(/([^/]+)$/, 'gone/../$1'),
  (path) => `${path}?v=1`,
);

/** How a tool says where a file is. Null: it cannot say it for this file. */
interface Tool {
  readonly said: (path: string) => string | null;
  readonly more: Partial<ReportPlace>;
}

const tools: fc.Arbitrary<Tool> = fc.oneof(
  fc.constant<Tool>({ said: (path) => path, more: {} }),
  fc.constant<Tool>({ said: (path) => `./${path}`, more: {} }),
  fc.constant<Tool>({ said: (path) => `/slots/1/${path}`, more: {} }),
  fc.constant<Tool>({ said: (path) => `file:///slots/1/${encodeURI(path)}`, more: {} }),
  fc.constantFrom('/ci/', '/ci/a/', '/', 'C:\\ci\\').map<Tool>((root) => ({ said: (path) => root + path, more: {} })),
  fc.constantFrom('/slots/1/', '/ci/', '').chain((root) =>
    fc.array(part, { minLength: 1, maxLength: 2 }).map<Tool>((folders) => {
      const folder = folders.join('/');
      const said = (path: string): string | null =>
        path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
      return { said, more: { format: 'cobertura', sources: [root + folder] } };
    }),
  ),
);

test('a name is placed on the file it was made from, or nowhere', () => {
  let placed = 0;
  fc.assert(
    fc.property(
      trees,
      tools,
      noise,
      fc.array(fc.nat(11), { minLength: 1, maxLength: 12 }),
      (files, tool, spell, picks) => {
        const made = new Map<string, string>();
        for (const pick of picks) {
          const path = files[pick % files.length] ?? '';
          const said = tool.said(path);
          if (said !== null) made.set(spell(said), path);
        }
        const { lines, unplaced, foreign } = place([...made.keys()], tree(...files), tool.more);
        const wanted = new Set(made.values());
        for (const path of lines.keys()) expect(wanted).toContain(path);
        expect(lines.size + unplaced.length + foreign.length).toBe(made.size);
        placed += lines.size;
      },
    ),
    { numRuns: 4000 },
  );
  expect(placed).toBeGreaterThan(4000);
});

test('a relative name that could be one file alone is placed, and one that could be two is not', () => {
  fc.assert(
    fc.property(trees, fc.nat(11), fc.nat(3), noise, (files, pick, cut, spell) => {
      const path = files[pick % files.length] ?? '';
      const name = path.split('/').slice(cut).join('/') || path;
      const couldBe = files.filter((one) => one === name || one.endsWith(`/${name}`));
      const { lines } = place([spell(name)], tree(...files));
      const atRoot = couldBe.includes(name);
      const wanted = atRoot ? [name] : couldBe.length === 1 ? couldBe : [];
      expect([...lines.keys()]).toEqual(wanted);
    }),
    { numRuns: 2000 },
  );
});

test('names that disagree about the lines of one file are never merged without a word', () => {
  let quarrels = 0;
  const named = fc.record({
    cut: fc.nat(3),
    prefix: fc.constantFrom('', './', '/slots/1/', '/ci/', 'webpack://x/', 'webpack://y/./'),
    seen: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }),
  });
  fc.assert(
    fc.property(trees, fc.array(fc.tuple(fc.nat(11), named), { minLength: 1, maxLength: 8 }), (files, picks) => {
      const report = new Map(
        picks.map(([pick, { cut, prefix, seen }]) => {
          const path = files[pick % files.length] ?? '';
          const tail = prefix.startsWith('/') ? path : path.split('/').slice(cut).join('/') || path;
          return [prefix + tail, lineSet(seen, [])] as const;
        }),
      );
      const { lines, unplaced, foreign, united } = placeNames(report, tree(...files), { roots: ['/slots/1'] });
      const out = new Set([...unplaced, ...foreign].map(({ name }) => name));
      const sets = [...report].filter(([name]) => !out.has(name)).map(([, set]) => set);
      for (const [path, set] of lines) {
        if (united.includes(path)) quarrels++;
        else expect(sets.map(({ seen }) => seen.join())).toContain(padded(set.seen).join());
      }
    }),
    { numRuns: 3000 },
  );
  expect(quarrels).toBeGreaterThan(50);
});

/** Bitsets of the builder have 64 words. */
const padded = (words: Uint32Array): Uint32Array => {
  const all = new Uint32Array(64);
  all.set(words);
  return all;
};
