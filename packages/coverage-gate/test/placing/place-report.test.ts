/** Reports placed on real commits: what git tracks, ignores and links, and how long its files are. */
import { execFileSync } from 'node:child_process';
import { readReport } from '@gatehouse/coverage-gate';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lineCount, readCommitFiles } from '../../src/placing/commit-files.ts';
import { placeReport } from '../../src/placing/place-report.ts';
import { isTooUncertain, placingFindings, placingWords } from '../../src/placing/placing-words.ts';
import { type Content, ScratchRepo } from '../scratch-repo.ts';

let repo: ScratchRepo;
beforeAll(() => {
  repo = new ScratchRepo();
});
afterAll(() => repo.remove());

/** Names and how many lines from 1 on they measure. */
const lcov = (names: Readonly<Record<string, number>>): Buffer =>
  Buffer.from(
    Object.entries(names)
      .map(([name, lines]) => {
        const records = Array.from({ length: lines }, (_, at) => `DA:${at + 1},1\n`);
        return `SF:${name}\n${records.join('')}end_of_record\n`;
      })
      .join(''),
    'latin1',
  );

async function placed(commit: string, bytes: Uint8Array) {
  const asked = { git: { gitDir: repo.gitDir }, commit };
  const [files, report] = [await readCommitFiles(asked), await readReport({ bytes, name: 'r' })];
  if (files.kind !== 'listed' || report.kind !== 'read') throw new Error(`${files.kind} ${report.kind}`);
  const answer = await placeReport(asked, files, { report, place: { roots: [repo.slotDir] } });
  if (answer.kind !== 'placed') throw new Error(answer.kind);
  return { ...answer, paths: [...answer.lines.keys()] };
}

const source = (lines: number): string => 'x\n'.repeat(lines);
const on = (files: Readonly<Record<string, Content>>, names: Readonly<Record<string, number>>) =>
  placed(repo.commit(files), lcov(names));

describe('names of the commit', () => {
  test('that git ignores are foreign, as the ignore files of the commit say; others are unplaced', async () => {
    const files = { '.gitignore': '/gen/\n*.pb.js\n', 'src/a.js': source(2) };
    const slot = `${repo.slotDir}/gen/deep/x.js`;
    const { placing, paths } = await on(files, {
      'src/a.js': 2,
      'gen/x.js': 5,
      [slot]: 7,
      'src/b.pb.js': 1,
      'src/gone.js': 3,
    });
    expect(paths).toEqual(['src/a.js']);
    expect(placing).toMatchObject({
      placed: { files: 1, lines: 2 },
      unplaced: { files: 1, lines: 3, examples: ['src/gone.js'] },
      foreign: { files: 3, lines: 13 },
    });
    expect(placing.foreign.examples[0]).toBe('gen/x.js (ignored by git)');
    expect(placingWords(placing)).toBe(
      '1 name unplaced (3 lines), 3 names foreign (13 lines; gen/x.js (ignored by git))',
    );
  });

  test('are followed through links, and those of a submodule are foreign', async () => {
    const plain = repo.commit({ 'src/a.js': source(2), lib: { link: 'src' } });
    const entry = `160000 commit ${'1'.repeat(40)}\tthird\0`;
    const tree = mktree(`${listing(plain)}${entry}`);
    const { placing, paths } = await placed(commitOf(tree), lcov({ 'lib/a.js': 2, 'third/x.c': 9 }));
    expect(paths).toEqual(['src/a.js']);
    expect(placing.foreign.examples).toEqual(['third/x.c (in a submodule)']);
  });

  test('with spaces, and with bytes that are no UTF-8, are found while they are one', async () => {
    const blob = repo.commit({ a: source(1) });
    const [oid] = /[0-9a-f]{40}/.exec(listing(blob)) ?? [''];
    const entry = (name: string): string => `100644 blob ${oid}\t${name}\0`;
    const tree = mktree(Buffer.from(['a b.js', 'caf\xe9.js', 'x\xe9.js', 'x\xe8.js'].map(entry).join(''), 'latin1'));
    const { placing, paths } = await placed(commitOf(tree), lcov({ 'a b.js': 1, 'caf\xe9.js': 1, 'x\xe9.js': 1 }));
    expect(paths).toEqual(['a b.js', 'caf\ufffd.js']);
    expect(placing.unplaced).toMatchObject({ files: 1, lines: 1 });
  });

  test('of Go are below the modules that the commit has', async () => {
    const profile = 'mode: set\nexample.org/shop/cart/cart.go:1.1,2.2 1 1\nexample.org/shop/y/y.go:1.1,1.2 1 0\n';
    const files = {
      'svc/go.mod': 'module example.org/shop\n',
      'svc/cart/cart.go': source(3),
      'cart/cart.go': source(3),
    };
    const { placing, paths } = await placed(repo.commit(files), Buffer.from(profile));
    expect(paths).toEqual(['svc/cart/cart.go']);
    expect(placing.unplaced).toMatchObject({ files: 1, lines: 1 });
  });

  test('of Kotlin are below the package that their files declare', async () => {
    const line = '<line nr="1" mi="0" ci="1" mb="0" cb="0"/>';
    const file = (pack: string): string =>
      `<package name="${pack}"><sourcefile name="Cart.kt">${line}</sourcefile></package>`;
    const xml = `<?xml version="1.0"?><report name="r">${file('org/shop/cart')}${file('com/other')}</report>`;
    const text = '/* package org.fake */\n@file:JvmName("X")\npackage org.shop.`cart` // here\n\nclass Cart\n';
    const { placing, paths } = await placed(repo.commit({ 'src/main/kotlin/Cart.kt': text }), Buffer.from(xml));
    expect(paths).toEqual(['src/main/kotlin/Cart.kt']);
    expect(placing.unplaced.examples).toEqual(['com/other/Cart.kt']);
  });
});

describe('lines that the file does not have', () => {
  test('are rejected, and the report is about another version of the file', async () => {
    const files = { 'a.js': source(3), 'b.js': source(70), 'empty.js': '' };
    const { placing, lines } = await on(files, { 'a.js': 40, 'b.js': 70, 'empty.js': 2 });
    expect(placing).toMatchObject({ placed: { lines: 75 }, rejectedLines: 37 });
    expect(placing.stale).toEqual([
      { path: 'a.js', lines: 36, length: 4 },
      { path: 'empty.js', lines: 1, length: 1 },
    ]);
    expect([...lines].map(([path, { seen }]) => [path, seen.length])).toEqual([
      ['a.js', 1],
      ['b.js', 3],
      ['empty.js', 1],
    ]);
    expect(placingFindings(placing).map(({ rule, path }) => [rule, path])).toEqual([
      ['coverage/report_stale', 'a.js'],
      ['coverage/report_stale', 'empty.js'],
    ]);
  });

  test('the text behind the last line break is a line, as some tools count it', async () => {
    const { placing } = await on({ 'a.js': source(31), 'b.js': source(32) }, { 'a.js': 32, 'b.js': 33 });
    expect(placing).toMatchObject({ placed: { lines: 65 }, rejectedLines: 0, stale: [] });
  });

  test.each([
    ['', 1],
    ['a', 1],
    ['a\n', 2],
    ['a\nb', 2],
    ['\n\n', 3],
    ['a\r\nb\r\n', 3],
    ['a\rb\rc', 3],
    ['a\r\rb\n', 4],
  ])('%j has %d lines', (text, lines) => {
    expect(lineCount(Buffer.from(text))).toBe(lines);
  });
});

test('the share of uncertain lines is exact: at the limit it is borne, one line beyond it is not', async () => {
  const files = { 'a.js': source(99) };
  const { placing } = await on(files, { 'a.js': 99, 'gone.js': 1, '/opt/x.js': 500 });
  expect([isTooUncertain(placing, 10_000), isTooUncertain(placing, 9_999), isTooUncertain(placing, 0)]).toEqual([
    false,
    true,
    true,
  ]);
});

const git = (args: readonly string[], input?: string | Buffer): string =>
  execFileSync('git', [`--git-dir=${repo.gitDir}`, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
  }).trim();
const listing = (commit: string): string => `${git(['ls-tree', '-z', commit])}`;
const mktree = (entries: string | Buffer): string => git(['mktree', '-z', '--missing'], entries);
const commitOf = (tree: string): string => git(['commit-tree', '-m', 'made', tree]);
