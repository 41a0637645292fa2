import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutSlot, fetchMirror, type GitRepo, openMirror, resolveCommit } from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import { git, Planted } from './planted-repository.ts';

class Mirrored extends Planted {
  repo: GitRepo = { gitDir: join(this.root, 'mirror') };
  readonly slot: string = join(this.root, 'slot');

  async open(): Promise<void> {
    const opened = await openMirror({ dir: this.repo.gitDir, url: this.dir });
    if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  }

  async checkOut(commit: string): Promise<void> {
    expect(await checkoutSlot({ repo: this.repo, dir: this.slot, commit })).toMatchObject({ kind: 'ready' });
  }

  /** What a command in the checkout is told by git. */
  ask(...args: readonly string[]): string {
    return git(this.slot, ...args);
  }

  inMirror(...args: readonly string[]): string {
    return git(this.root, `--git-dir=${this.repo.gitDir}`, ...args);
  }
}

describe('a checkout', () => {
  test('shows annotated and plain tags, the whole history and where main is, on a branch of its own, and no branch of anybody else', async () => {
    const planted = new Mirrored();
    planted.commit({ a: '1' });
    planted.git('tag', '-a', '-m', 'one', 'v1.0.0');
    planted.commit({ a: '2' });
    planted.git('tag', 'plain');
    const main = planted.commit({ a: '3' });
    const head = planted.branch('topic').commit({ b: '1' });
    await planted.open();
    await planted.checkOut(head);
    expect(planted.ask('merge-base', 'origin/main', 'HEAD')).toBe(main);
    expect(planted.ask('diff', '--name-only', 'origin...HEAD')).toBe('b');
    expect(planted.ask('diff', '--name-only', 'main...HEAD')).toBe('b');
    expect(planted.ask('symbolic-ref', '--short', 'HEAD')).toBe('candidate');
    expect(planted.ask('describe')).toMatch(/^v1\.0\.0-3-g[0-9a-f]+$/);
    expect(planted.ask('describe', '--tags')).toMatch(/^plain-2-g[0-9a-f]+$/);
    expect(planted.ask('rev-list', '--count', 'HEAD')).toBe('4');
    expect(planted.ask('for-each-ref', '--format=%(refname)').split('\n')).toEqual([
      'refs/heads/candidate',
      'refs/heads/main',
      'refs/remotes/origin/HEAD',
      'refs/remotes/origin/main',
      'refs/tags/plain',
      'refs/tags/v1.0.0',
    ]);
    expect(planted.ask('status', '--porcelain')).toBe('');
  });

  test('follows a tag that moved, one that is gone and one that is new', async () => {
    const planted = new Mirrored();
    const first = planted.commit({ a: '1' });
    planted.git('tag', 'v1');
    planted.git('tag', 'gone');
    const second = planted.commit({ a: '2' });
    await planted.open();
    planted.git('tag', '-f', 'v1', second);
    planted.git('tag', '-d', 'gone');
    planted.git('tag', 'gone/by', first);
    const told = await fetchMirror({ repo: planted.repo, url: planted.dir });
    expect(told).toEqual({ kind: 'fetched', heads: { main: second }, ignored: [], broken: [] });
    await planted.checkOut(second);
    expect(planted.ask('for-each-ref', '--format=%(objectname) %(refname)', 'refs/tags')).toBe(
      `${first} refs/tags/gone/by\n${second} refs/tags/v1`,
    );
    for (const name of ['v1', 'gone/by']) planted.git('tag', '-d', name);
    await fetchMirror({ repo: planted.repo, url: planted.dir });
    await planted.checkOut(second);
    expect(planted.ask('for-each-ref', 'refs/tags')).toBe('');
  });

  test('has a copy: a command that rewrites its tags changes neither the mirror nor the next checkout', async () => {
    const planted = new Mirrored();
    const first = planted.commit({ a: '1' });
    planted.git('tag', 'v1');
    const second = planted.commit({ a: '2' });
    await planted.open();
    await planted.checkOut(second);
    const before = planted.inMirror('for-each-ref');
    planted.ask('tag', '-f', 'v1', second);
    planted.ask('tag', 'mine');
    planted.ask('pack-refs', '--all');
    writeFileSync(join(planted.slot, '.git/packed-refs'), 'rubbish');
    expect(planted.inMirror('for-each-ref')).toContain(before);
    await planted.checkOut(second);
    expect(planted.ask('for-each-ref', '--format=%(objectname) %(refname)', 'refs/tags')).toBe(`${first} refs/tags/v1`);
  });
});

describe('where main is', () => {
  test('follows main, loose or packed, whatever it is called', async () => {
    const planted = new Mirrored();
    const first = planted.commit({ a: '1' });
    planted.git('branch', '-m', 'main', 'trunk/next');
    planted.git('tag', 'v1');
    const { repo } = planted;
    expect(await openMirror({ dir: repo.gitDir, url: planted.dir, main: 'trunk/next' })).toMatchObject({
      kind: 'opened',
    });
    await planted.checkOut(first);
    expect(planted.ask('rev-parse', 'origin/trunk/next', 'origin/HEAD')).toBe(`${first}\n${first}`);
    const second = planted.commit({ a: '2' });
    await fetchMirror({ repo, url: planted.dir, tags: false });
    await planted.checkOut(first);
    expect(planted.ask('rev-parse', 'origin/trunk/next')).toBe(second);
  });

  test('is not shown once it is gone, also where another branch took its place', async () => {
    const planted = new Mirrored();
    const first = planted.commit({ a: '1' });
    await planted.open();
    planted.git('branch', '-m', 'main', 'other');
    planted.git('branch', 'main/below');
    await fetchMirror({ repo: planted.repo, url: planted.dir });
    await planted.checkOut(first);
    expect(planted.ask('for-each-ref', '--format=%(refname)')).toBe('refs/heads/candidate');
  });
});

describe('in the mirror', () => {
  const ODD = [
    'main',
    'HEAD',
    'x',
    'refs/heads/main',
    'gatehouse/slots/0',
    '-rf',
    'a;b$(touch$IFS.x)`y`',
    'quo"te\'s',
    'größe-\u{1f600}',
    '%00%(objectname)',
    '#hash',
    '!bang',
    'a,b{c}|d&e<f>',
    'deep/er/and/deeper',
    '0123456789012345678901234567890123456789',
  ];

  test('a tag is no branch, however it is called, and reaches the checkout under its very name', async () => {
    const planted = new Mirrored();
    const main = planted.commit({ a: '1' });
    const branch = planted.branch('x').commit({ a: '2' });
    const elsewhere = planted.branch('elsewhere').commit({ a: '3' });
    for (const name of ODD) planted.git('update-ref', `refs/tags/${name}`, elsewhere);
    planted.git('update-ref', '-d', 'refs/heads/elsewhere');
    await planted.open();
    const { repo } = planted;
    expect(await fetchMirror({ repo, url: planted.dir })).toMatchObject({ heads: { main, x: branch } });
    for (const [ref, sha] of [
      ['main', main],
      ['x', branch],
    ] as const)
      expect(await resolveCommit({ repo, ref })).toMatchObject({ kind: 'found', sha });
    expect(await resolveCommit({ repo, ref: 'HEAD' })).toMatchObject({ kind: 'unknown-ref' });
    const names = planted.inMirror('for-each-ref', '--format=%(refname)').split('\n');
    expect(names.filter((name) => !name.startsWith('refs/gatehouse/tags/'))).toEqual([
      'refs/heads/main',
      'refs/heads/x',
    ]);
    await planted.checkOut(main);
    const shown = planted.ask('for-each-ref', '--format=%(objectname) %(refname)', 'refs/tags').split('\n');
    expect(shown.sort()).toEqual(ODD.map((name) => `${elsewhere} refs/tags/${name}`).sort());
    expect(planted.ask('rev-parse', 'HEAD')).toBe(main);
  });

  test('a tag that the source cannot give stops no branch, and the tags of before stay', async () => {
    const planted = new Mirrored();
    planted.commit({ a: '1' });
    planted.git('tag', '-a', '-m', 'x', 'sound');
    await planted.open();
    planted.git('tag', '-a', '-m', 'y', 'lost');
    const lost = planted.git('rev-parse', 'lost');
    rmSync(join(planted.dir, '.git/objects', lost.slice(0, 2), lost.slice(2)));
    const moved = planted.commit({ a: '2' });
    const told = await fetchMirror({ repo: planted.repo, url: planted.dir });
    expect(told).toEqual({ kind: 'fetched', heads: { main: moved }, ignored: [], broken: [] });
    await planted.checkOut(moved);
    expect(planted.ask('describe')).toMatch(/^sound-1-g/);
  });

  test('tags of blobs and of tags are peeled as far as they go, and a fetch without tags brings none', async () => {
    const planted = new Mirrored();
    const head = planted.commit({ a: '1' });
    planted.git('tag', 'blob', planted.git('rev-parse', 'HEAD:a'));
    planted.git('tag', '-a', '-m', 'x', 'inner');
    planted.git('tag', '-a', '-m', 'x', 'outer', 'inner');
    await planted.open();
    planted.git('tag', 'late');
    await fetchMirror({ repo: planted.repo, url: planted.dir, tags: false });
    await planted.checkOut(head);
    expect(planted.ask('rev-parse', 'outer^{commit}', 'blob')).toBe(`${head}\n${planted.git('rev-parse', 'HEAD:a')}`);
    expect(planted.ask('for-each-ref', '--format=%(refname:short)', 'refs/tags')).toBe('blob\ninner\nouter');
    expect(readFileSync(join(planted.slot, '.git/packed-refs'), 'utf8')).toContain(`\n^${head}\n`);
    expect(readdirSync(planted.repo.gitDir).filter((name) => name.startsWith('gatehouse-new-'))).toEqual([]);
  });
});
