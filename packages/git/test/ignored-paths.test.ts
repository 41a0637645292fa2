/** Names that the ignore files of a commit leave out. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ignoredPaths, openMirror } from '@gatehouse/git';
import { expect, test } from '@jest/globals';
import { Planted } from './planted-repository.ts';

test('the ignore files of the commit decide, nested ones and exceptions included', async () => {
  const planted = new Planted();
  const ignored = { '.gitignore': '/dist/\n*.log\n!keep.log\n', 'sub/.gitignore': 'gen\n' };
  const commit = planted.commit({ ...ignored, 'sub/a.js': '1' });
  planted.commit({ '.gitignore': null });
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  const left = ['dist/a.js', 'x y/ä.log', 'sub/gen/deep/b.js', 'sub/gen', ':(top)x.log', '*.log', '!y.log'];
  const kept = ['src/dist/a.js', 'keep.log', 'gen/a.js', 'sub/a.js'];
  const impossible = ['../dist/a.js', '/dist/a.js', 'dist//a.js', '', '.git/a.log', 'a\0.log'];
  const asked = { repo: opened.repo, commit, paths: [...kept, ...left, ...impossible] };
  expect(await ignoredPaths(asked)).toEqual({ kind: 'listed', paths: left });
  expect(await ignoredPaths({ ...asked, paths: [] })).toEqual({ kind: 'listed', paths: [] });
  expect(await ignoredPaths({ ...asked, commit: 'f'.repeat(40) })).toMatchObject({ kind: 'git-failed' });
});

test('a commit without ignore files leaves nothing out, and a link is no ignore file', async () => {
  const planted = new Planted();
  symlinkSync('patterns', join(planted.dir, '.gitignore'));
  const commit = planted.commit({ patterns: '*.log\n' });
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  expect(await ignoredPaths({ repo: opened.repo, commit, paths: ['a.log'] })).toEqual({ kind: 'listed', paths: [] });
});
