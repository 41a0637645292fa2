import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { foreseeConflict, openMirror, resolveCommit } from '@gatehouse/git';
import { expect, test } from '@jest/globals';
import { Planted } from './planted-repository.ts';

/** Files by path; null deletes. */
type Files = Record<string, string | null>;

async function parted(start: Files, onMain: Files, onSide: Files) {
  const planted = new Planted();
  planted.commit({ a: '1\n', ...start });
  planted.branch('side');
  const head = planted.commit(onSide);
  const base = planted.on('main').commit(onMain);
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  return { planted, repo: opened.repo, base, head };
}

const scratchIn = (gitDir: string): readonly string[] =>
  readdirSync(join(gitDir, 'objects')).filter((name) => name.startsWith('tmp_'));

test('a conflict is foreseen with its paths, and nothing of the merge stays behind', async () => {
  const { repo, base, head } = await parted({ b: '1\n' }, { a: 'main\n', b: 'main\n' }, { a: 'side\n', b: 'side\n' });
  const before = readdirSync(join(repo.gitDir, 'objects'));
  expect(await foreseeConflict({ repo, base, head })).toEqual({ kind: 'conflicted', paths: ['a', 'b'] });
  expect(scratchIn(repo.gitDir)).toEqual([]);
  expect(readdirSync(join(repo.gitDir, 'objects'))).toEqual(before);
});

test('what main deletes and the branch alters conflicts; what only one side touches does not', async () => {
  const gone = await parted({}, { a: null }, { a: 'side\n' });
  expect(await foreseeConflict(gone)).toEqual({ kind: 'conflicted', paths: ['a'] });
  const apart = await parted({}, { m: '1\n' }, { s: '1\n' });
  expect(await foreseeConflict(apart)).toEqual({ kind: 'clean', tree: expect.stringMatching(/^[0-9a-f]{40}$/) });
  const self = await resolveCommit({ repo: apart.repo, ref: apart.base });
  expect(await foreseeConflict({ ...apart, head: apart.base })).toEqual({
    kind: 'clean',
    tree: (self as { tree: string }).tree,
  });
});

test('nothing is said where attributes may decide, without a common commit, or after the call was called off', async () => {
  const driven = await parted({ '.gitattributes': 'a merge=union\n' }, { a: 'main\n' }, { a: 'side\n' });
  expect(await foreseeConflict(driven)).toEqual({ kind: 'unsure' });
  const { repo, base, head } = await parted({}, { a: 'main\n' }, { a: 'side\n' });
  expect(await foreseeConflict({ repo, base, head: 'f'.repeat(40) })).toMatchObject({ kind: 'git-failed' });
  const signal = AbortSignal.abort();
  expect(await foreseeConflict({ repo, base, head, signal })).toMatchObject({ kind: 'git-failed' });
  expect(scratchIn(repo.gitDir)).toEqual([]);
});
