import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  changedEntries,
  changedPaths,
  commitLog,
  fetchMirror,
  type GitRepo,
  gitVersion,
  isAncestor,
  listDirectory,
  listTree,
  mergeBase,
  newObjects,
  openMirror,
  readBlob,
  readObjects,
  resolveBoth,
  resolveCommit,
} from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import { git, Planted, scratch } from './planted-repository.ts';

const MISSING = 'f'.repeat(40);

async function mirrored(planted: Planted): Promise<GitRepo> {
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  return opened.repo;
}

test('the git of this machine is new enough', async () => {
  expect(await gitVersion()).toMatchObject({ kind: 'version', major: 2 });
});

describe('a mirror', () => {
  test('holds every branch, follows forced moves and deletions, and survives being opened again', async () => {
    const planted = new Planted();
    const first = planted.commit({ a: '1' });
    planted.branch('feature/x').commit({ b: '1' });
    const repo = await mirrored(planted);
    const moved = planted.branch('feature/x').commit({ c: '1' });
    planted.on('main').git('branch', 'old');
    expect(await fetchMirror({ repo, url: planted.dir })).toMatchObject({
      heads: { main: first, 'feature/x': moved, old: first },
    });
    planted.git('branch', '-D', 'old');
    const fetched = await fetchMirror({ repo, url: planted.dir });
    expect(fetched).toEqual({ kind: 'fetched', heads: { main: first, 'feature/x': moved }, ignored: [], broken: [] });
    expect(await openMirror({ dir: repo.gitDir, url: planted.dir })).toEqual({ kind: 'opened', repo, main: 'main' });
  });

  test('a mirror is taken over with all that it holds where the caller knows that its repository has moved', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1' });
    const repo = await mirrored(planted);
    git('/', `--git-dir=${repo.gitDir}`, 'update-ref', 'refs/gatehouse/kept', commit);
    const url = `${planted.dir}/`;
    expect(await openMirror({ dir: repo.gitDir, url })).toMatchObject({ kind: 'refused' });
    expect(await openMirror({ dir: repo.gitDir, url, takesOver: true })).toEqual({
      kind: 'opened',
      repo,
      main: 'main',
    });
    expect(git('/', `--git-dir=${repo.gitDir}`, 'rev-parse', 'refs/gatehouse/kept')).toBe(commit);
    expect(await openMirror({ dir: repo.gitDir, url })).toMatchObject({ kind: 'opened' });
    expect(await openMirror({ dir: repo.gitDir, url: planted.dir })).toMatchObject({ kind: 'refused' });
  });

  test('a mirror of another url, a shallow one and a grafted one are refused', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const repo = await mirrored(planted);
    expect(await openMirror({ dir: repo.gitDir, url: '/somewhere/else' })).toMatchObject({ kind: 'refused' });
    writeFileSync(join(repo.gitDir, 'shallow'), `${MISSING}\n`);
    expect(await openMirror({ dir: repo.gitDir, url: planted.dir })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('shallow'),
    });
  });

  test('a shallow source never makes a shallow mirror', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    planted.commit({ a: '2' });
    const shallow = join(planted.root, 'shallow');
    git(planted.root, 'clone', '--quiet', '--depth=1', `file://${planted.dir}`, shallow);
    const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: shallow });
    expect(opened.kind).not.toBe('opened');
    expect(existsSync(join(planted.root, 'mirror/shallow'))).toBe(false);
  });

  test('replace refs of the source do not reach it, and its tags only apart from every other name', async () => {
    const planted = new Planted();
    const first = planted.commit({ a: '1' });
    const second = planted.commit({ a: '2' });
    planted.git('tag', 'v1');
    planted.git('replace', second, first);
    const repo = await mirrored(planted);
    expect(git(repo.gitDir, '--git-dir=.', 'for-each-ref', '--format=%(refname)')).toBe(
      'refs/gatehouse/tags/v1\nrefs/heads/main',
    );
    expect(await resolveCommit({ repo, ref: 'main' })).toMatchObject({ kind: 'found', sha: second });
  });

  test('a remote without the main branch is refused, one that is not there is git-failed', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    expect(await openMirror({ dir: join(scratch(), 'm'), url: planted.dir, main: 'trunk' })).toMatchObject({
      kind: 'refused',
    });
    const gone = await openMirror({ dir: join(scratch(), 'm'), url: join(planted.root, 'nowhere') });
    expect(gone).toMatchObject({ kind: 'git-failed', op: 'fetch', trouble: 'not-a-repository' });
  });
});

describe('commits', () => {
  test('a branch, a full ref and an object name resolve; expressions and unknown names do not', async () => {
    const planted = new Planted();
    const first = planted.commit({ a: '1' });
    const head = planted.commit({ a: '2' });
    const tree = planted.git('rev-parse', 'HEAD^{tree}');
    const repo = await mirrored(planted);
    for (const ref of ['main', 'refs/heads/main', head]) {
      expect(await resolveCommit({ repo, ref })).toEqual({ kind: 'found', sha: head, tree });
    }
    for (const ref of [
      'main~1',
      'HEAD',
      '@',
      first.slice(0, 10),
      MISSING,
      'nope',
      '--all',
      '',
      'a\nb',
      `${head}^{tree}`,
    ]) {
      expect(await resolveCommit({ repo, ref })).toEqual({ kind: 'unknown-ref', ref });
    }
  });

  test('two names resolve together as each does alone', async () => {
    const planted = new Planted();
    const head = planted.commit({ a: '1' });
    const lost = planted.branch('lost').commit({ b: '1' });
    const repo = await mirrored(planted);
    rmSync(join(repo.gitDir, 'objects', lost.slice(0, 2), lost.slice(2)));
    const names = ['main', head, 'lost', lost, 'nope', 'main~1', MISSING, ''];
    for (const a of names)
      for (const b of ['main', 'lost', 'nope', ''])
        expect(await resolveBoth({ repo, a, b })).toEqual({
          kind: 'resolved',
          a: await resolveCommit({ repo, ref: a }),
          b: await resolveCommit({ repo, ref: b }),
        });
  });

  test('ancestry and the common commit are answered exactly', async () => {
    const planted = new Planted();
    const root = planted.commit({ a: '1' });
    const side = planted.branch('side').commit({ b: '1' });
    const main = planted.on('main').commit({ c: '1' });
    planted.git('checkout', '--quiet', '--orphan', 'alone');
    const alone = planted.commit({ d: '1' });
    const repo = await mirrored(planted);
    expect(await isAncestor({ repo, ancestor: root, of: side })).toEqual({ kind: 'yes' });
    expect(await isAncestor({ repo, ancestor: main, of: side })).toEqual({ kind: 'no' });
    expect(await mergeBase({ repo, a: main, b: side })).toEqual({ kind: 'found', sha: root });
    expect(await mergeBase({ repo, a: main, b: alone })).toEqual({ kind: 'unrelated' });
    expect(await isAncestor({ repo, ancestor: MISSING, of: side })).toMatchObject({ trouble: 'missing-object' });
  });

  test('the log lists a range oldest first, with odd texts intact', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const one = planted.branch('side').commit({ b: '1' }, 'first "quoted"\n\nbody');
    const two = planted.commit({ b: '2' }, 'zweiter Größe');
    const repo = await mirrored(planted);
    const log = await commitLog({ repo, base, head: two });
    expect(log).toMatchObject({
      kind: 'listed',
      commits: [
        {
          sha: one,
          parents: [base],
          subject: 'first "quoted"',
          author: { name: 'Ada Author', email: 'ada@example.test' },
        },
        { sha: two, parents: [one], subject: 'zweiter Größe' },
      ],
    });
    expect(await commitLog({ repo, base, head: base })).toEqual({ kind: 'listed', commits: [] });
  });
});

describe('content', () => {
  test('files are read byte for byte, whatever they are called', async () => {
    const planted = new Planted();
    const bytes = Buffer.from([0, 255, 10, 13, 10]);
    const name = 'sub/new\nline "q" ü';
    const head = planted.commit({ [name]: bytes, 'dir/file': 'x' });
    const repo = await mirrored(planted);
    const read = await readBlob({ repo, commit: head, path: name });
    expect(read.kind === 'found' && Buffer.from(read.bytes).equals(bytes)).toBe(true);
    expect(await readBlob({ repo, commit: head, path: name, maxBytes: 4 })).toEqual({ kind: 'too-large', size: 5 });
    for (const path of ['dir', 'dir/', '/dir/file', '../dir/file', 'nope', '', 'dir//file', ':(top)dir/file', '*']) {
      expect(await readBlob({ repo, commit: head, path })).toEqual({ kind: 'absent' });
    }
    const listed = await listTree({ repo, commit: head });
    expect(listed.kind === 'listed' && listed.entries.map((entry) => [entry.path, entry.size])).toEqual([
      ['dir/file', 1],
      [name, 5],
    ]);
  });

  test('changed paths name both ends of a rename', async () => {
    const planted = new Planted();
    const base = planted.commit({ old: 'same', keep: '1', 'ä b': '1' });
    const head = planted.commit({ old: null, fresh: 'same', 'ä b': '2' });
    const repo = await mirrored(planted);
    expect(await changedPaths({ repo, base, head })).toEqual({ kind: 'listed', paths: ['fresh', 'old', 'ä b'] });
    const listed = await changedEntries({ repo, base, head });
    const [fresh, old, both] = listed.kind === 'listed' ? listed.entries : [];
    expect([fresh?.path, fresh?.before, old?.path, old?.after, both?.path]).toEqual([
      'fresh',
      null,
      'old',
      null,
      'ä b',
    ]);
    expect(fresh?.after).toEqual(old?.before);
    expect([both?.before?.mode, both?.after?.mode]).toEqual(['100644', '100644']);
    expect(await changedEntries({ repo, base, head: base })).toEqual({ kind: 'listed', entries: [] });
  });

  test('a directory is listed without what lies below it', async () => {
    const planted = new Planted();
    const commit = planted.commit({ 'a/b/c': '1', 'a/d': '22', e: '' });
    const repo = await mirrored(planted);
    const names = async (dir: string) => {
      const listed = await listDirectory({ repo, commit, dir });
      return listed.kind === 'listed' && listed.entries.map(({ path, type }) => `${type} ${path}`);
    };
    expect(await names('')).toEqual(['tree a', 'blob e']);
    expect(await names('a')).toEqual(['tree a/b', 'blob a/d']);
    for (const dir of ['nothing', 'e']) expect([dir, await names(dir)]).toEqual([dir, []]);
    for (const dir of ['../a', '/a']) expect(await listDirectory({ repo, commit, dir })).toEqual({ kind: 'absent' });
  });

  test('new objects include what a later commit deleted and what only a merge holds', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    planted.branch('side').commit({ secret: 'added then deleted' });
    planted.commit({ secret: null });
    planted.on('main').commit({ b: '1' });
    planted.on('side').git('merge', '--quiet', '--no-commit', 'main');
    const head = planted.commit({ evil: 'only in the merge' }, 'merge');
    const repo = await mirrored(planted);
    const listed = await newObjects({ repo, base, head });
    const oids = listed.kind === 'listed' ? listed.objects.map((object) => object.oid) : [];
    const contents: string[] = [];
    const read = await readObjects({
      repo,
      oids,
      onObject: ({ type, bytes }) => type === 'blob' && contents.push(Buffer.from(bytes).toString()),
    });
    expect(read).toEqual({ kind: 'read', count: oids.length, missing: [], oversized: [] });
    expect(contents).toEqual(expect.arrayContaining(['added then deleted', 'only in the merge']));
  });

  test('objects that are missing or too large are named, and the rest is still read', async () => {
    const planted = new Planted();
    const large = Buffer.alloc(300_000, 'x');
    planted.commit({ large, small: 'y' });
    const [largeOid = '', smallOid = ''] = ['large', 'small'].map((path) => planted.git('rev-parse', `HEAD:${path}`));
    const repo = await mirrored(planted);
    const seen: string[] = [];
    const read = await readObjects({
      repo,
      oids: [MISSING, largeOid, smallOid, smallOid],
      onObject: ({ oid, bytes }) => seen.push(`${oid} ${bytes.length}`),
      maxObjectBytes: 1000,
    });
    expect(read).toEqual({ kind: 'read', count: 2, missing: [MISSING], oversized: [{ oid: largeOid, size: 300_000 }] });
    expect(seen).toEqual([`${smallOid} 1`, `${smallOid} 1`]);
  });

  test('a listener that throws ends the read as crashed, with its own error', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const oid = planted.git('rev-parse', 'HEAD:a');
    const repo = await mirrored(planted);
    const error = new Error('not today');
    const read = await readObjects({
      repo,
      oids: [oid],
      onObject: () => {
        throw error;
      },
    });
    expect(read).toMatchObject({ kind: 'crashed', error });
  });
});
