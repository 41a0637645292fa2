import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  deleteBranch,
  fetchMirror,
  fetchPullHeads,
  type GitRepo,
  openMirror,
  pushBranch,
  validatePullHead,
  validateRefName,
} from '@gatehouse/git';
import { beforeEach, expect, test } from '@jest/globals';
import { git, Planted } from './planted-repository.ts';

let planted: Planted;
let repo: GitRepo;
let theirs: string;

const name = (number: number): string => `refs/pull/${number}/head`;
const mirrored = (): string =>
  git('/', `--git-dir=${repo.gitDir}`, 'for-each-ref', '--format=%(objectname) %(refname)');
const fetch = (...numbers: number[]) => fetchPullHeads({ repo, url: planted.dir, refs: numbers.map(name) });

beforeEach(async () => {
  planted = new Planted();
  const main = planted.commit({ a: '1' });
  theirs = planted.branch('theirs', main).commit({ b: '1' });
  planted.git('update-ref', name(7), theirs);
  planted.git('update-ref', name(8), main);
  planted.on('main');
  planted.git('branch', '-D', 'theirs');
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  repo = opened.repo;
});

test('exactly the asked heads come, apart from branches, and stay through a fetch of the branches', async () => {
  // A pattern of git matches the end of a name.
  planted.git('update-ref', `refs/heads/x/${name(7)}`, planted.git('rev-parse', 'main'));
  expect(await fetch(7)).toEqual({ kind: 'fetched', heads: { [name(7)]: theirs }, broken: [] });
  expect((await fetchMirror({ repo, url: planted.dir })).kind).toBe('fetched');
  expect(mirrored()).toContain(`${theirs} refs/gatehouse/pull/7/head`);
  expect(mirrored()).not.toContain('pull/8');
});

test('a head that was pushed anew is where it is now, one that is gone is in neither list, and what is not asked for is dropped', async () => {
  await fetch(7, 8);
  const again = planted.branch('again', theirs).commit({ b: '2' });
  planted.git('update-ref', name(7), again);
  planted.git('update-ref', '-d', name(8));
  expect(await fetch(7, 8)).toEqual({ kind: 'fetched', heads: { [name(7)]: again }, broken: [] });
  expect(mirrored()).not.toContain('pull/8');
  expect(await fetch()).toEqual({ kind: 'fetched', heads: {}, broken: [] });
  expect(mirrored()).not.toContain('refs/gatehouse/pull/');
});

test('a head whose objects are lost stands in no other one’s way', async () => {
  const lost = planted.branch('lost', theirs).commit({ c: '1' });
  planted.git('update-ref', name(8), lost);
  planted.on('main').git('branch', '-D', 'lost');
  rmSync(join(planted.dir, '.git/objects', lost.slice(0, 2), lost.slice(2)));
  const heads = { [name(7)]: theirs, [name(8)]: lost };
  expect(await fetch(7, 8)).toEqual({ kind: 'fetched', heads, broken: [name(8)] });
});

test('such a name is no branch’s: it cannot be pushed to, deleted, or taken for one', async () => {
  expect(validatePullHead(name(7))).toMatchObject({ kind: 'valid', mirrorRef: 'refs/gatehouse/pull/7/head' });
  for (const wrong of [
    'refs/pull/0/head',
    'refs/pull/7/merge',
    'pull/7/head',
    'refs/heads/refs/pull/7/head',
    '+refs/pull/7/head',
  ])
    expect([
      validatePullHead(wrong).kind,
      (await fetchPullHeads({ repo, url: planted.dir, refs: [wrong] })).kind,
    ]).toEqual(['invalid', 'refused']);
  expect(validateRefName(name(7)).kind).toBe('invalid');
  const order = { repo, url: planted.dir, branch: name(7), expected: theirs };
  expect((await pushBranch({ ...order, commit: theirs })).kind).toBe('refused');
  expect((await deleteBranch(order)).kind).toBe('refused');
  expect(planted.git('rev-parse', name(7))).toBe(theirs);
});
