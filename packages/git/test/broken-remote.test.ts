import { chmodSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchMirror, type GitRepo, openMirror, resolveCommit } from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import { git, Planted } from './planted-repository.ts';

async function mirrored(planted: Planted): Promise<GitRepo> {
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  return opened.repo;
}

/** Takes one object of a repository away, as a torn disk does. */
function lose(planted: Planted, oid: string): void {
  rmSync(join(planted.dir, '.git/objects', oid.slice(0, 2), oid.slice(2)));
}

const localHeads = (repo: GitRepo): string[] =>
  git('/', `--git-dir=${repo.gitDir}`, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads').split('\n');

describe('a remote with broken branches', () => {
  test('gives all the others, and the broken ones are named and stay where the remote has them', async () => {
    const planted = new Planted();
    const root = planted.commit({ a: '1' });
    planted.git('branch', 'deleted');
    planted.git('branch', 'sound');
    planted.git('branch', 'spoiled');
    const repo = await mirrored(planted);
    const lostCommit = planted.branch('no-commit', root).commit({ b: '1' });
    const lostTree = planted.branch('no-tree', root).commit({ 'deep/c': '1' });
    const lostBlob = planted.branch('no-blob', root).commit({ d: 'gone' });
    const torn = planted.branch('spoiled', root).commit({ e: 'torn' });
    const trees = [planted.git('rev-parse', `${lostTree}:deep`), planted.git('rev-parse', `${lostBlob}:d`)];
    const moved = planted.branch('sound').commit({ f: '1' });
    const fresh = planted.branch('fresh/one', moved).commit({ g: '1' });
    const main = planted.on('main').commit({ a: '2' });
    planted.git('branch', '-D', 'deleted');
    for (const oid of [lostCommit, ...trees]) lose(planted, oid);
    const object = join(planted.dir, '.git/objects', torn.slice(0, 2), torn.slice(2));
    chmodSync(object, 0o644);
    truncateSync(object, 20);
    writeFileSync(join(planted.dir, '.git/refs/heads/nonsense'), 'nonsense\n');

    for (const round of [1, 2]) {
      const fetched = await fetchMirror({ repo, url: planted.dir });
      expect([round, fetched]).toEqual([
        round,
        {
          kind: 'fetched',
          heads: {
            main,
            sound: moved,
            'fresh/one': fresh,
            'no-commit': lostCommit,
            'no-tree': lostTree,
            'no-blob': lostBlob,
            spoiled: torn,
          },
          ignored: [],
          broken: expect.arrayContaining(['no-commit', 'no-tree', 'no-blob', 'spoiled', 'nonsense']),
        },
      ]);
    }
    expect(localHeads(repo)).toEqual(['fresh/one', 'main', 'sound', 'spoiled']);
    expect(await resolveCommit({ repo, ref: 'spoiled' })).toMatchObject({ sha: root });
    expect(await resolveCommit({ repo, ref: lostCommit })).toMatchObject({ kind: 'unknown-ref' });
    expect(await resolveCommit({ repo, ref: 'fresh/one' })).toMatchObject({ sha: fresh });
  });

  test('a hundred sound branches arrive around two broken ones', async () => {
    const planted = new Planted();
    const root = planted.commit({ a: '1' });
    const repo = await mirrored(planted);
    const lost = planted.branch('lost', root).commit({ b: 'one' });
    const gone = planted.branch('torn', root).commit({ c: 'two' });
    planted.on('main');
    const names = Array.from({ length: 100 }, (_, number) => `task-${number}`);
    for (const name of names) planted.git('update-ref', `refs/heads/${name}`, root);
    for (const name of [`${lost}:b`, gone]) lose(planted, planted.git('rev-parse', name));
    const fetched = await fetchMirror({ repo, url: planted.dir });
    expect(fetched).toMatchObject({ kind: 'fetched', broken: expect.arrayContaining(['lost', 'torn']) });
    expect(localHeads(repo)).toEqual(['main', ...[...names].sort()]);
  });

  test('a lost main is a failure of the remote, not a missing branch', async () => {
    const planted = new Planted();
    lose(planted, planted.commit({ a: '1' }));
    expect(await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir })).toMatchObject({
      kind: 'git-failed',
      trouble: 'missing-object',
    });
  });

  test('a remote that is not there, and a mirror that is damaged itself, fail as a whole', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1' });
    const repo = await mirrored(planted);
    expect(await fetchMirror({ repo, url: join(planted.root, 'nowhere') })).toMatchObject({
      kind: 'git-failed',
      op: 'fetch',
      trouble: 'not-a-repository',
    });
    planted.commit({ a: '2' });
    writeFileSync(join(repo.gitDir, 'refs/heads/dangling'), `${'f'.repeat(40)}\n`);
    writeFileSync(join(repo.gitDir, 'refs/gatehouse-keep'), `${'e'.repeat(40)}\n`);
    expect(await fetchMirror({ repo, url: planted.dir })).toMatchObject({ kind: 'git-failed' });
    expect(git('/', `--git-dir=${repo.gitDir}`, 'rev-parse', 'refs/heads/main')).toBe(commit);
  });
});
