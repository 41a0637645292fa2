import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  codeTree,
  deleteBranch,
  diffLines,
  fastForward,
  type GitRepo,
  importCommit,
  openMirror,
  pushBranch,
  resolveCommit,
  standAlone,
} from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import { git, Planted } from './planted-repository.ts';

async function mirrored(planted: Planted, main = 'main'): Promise<GitRepo> {
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir, main });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  return opened.repo;
}

describe('pushing a task branch', () => {
  test('moves it from where it was expected, and says so again when asked again', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const head = planted.branch('side').commit({ b: '1' });
    planted.git('checkout', '--quiet', '--detach');
    const repo = await mirrored(planted);
    const request = { repo, url: planted.dir, branch: 'side', commit: base, expected: head };
    expect(await pushBranch(request)).toEqual({ kind: 'pushed' });
    expect(planted.git('rev-parse', 'side')).toBe(base);
    expect(await pushBranch(request)).toEqual({ kind: 'pushed' });
    expect(await pushBranch({ ...request, branch: 'fresh/one', expected: null })).toEqual({ kind: 'pushed' });
  });

  test('a branch that was moved or deleted meanwhile is moved, and stays as it is', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const head = planted.branch('side').commit({ b: '1' });
    const repo = await mirrored(planted);
    const other = planted.commit({ c: '1' });
    planted.git('checkout', '--quiet', '--detach');
    const request = { repo, url: planted.dir, branch: 'side', commit: base, expected: head };
    expect(await pushBranch(request)).toEqual({ kind: 'moved', found: other });
    expect(await pushBranch({ ...request, expected: null })).toEqual({ kind: 'moved', found: other });
    planted.git('branch', '-D', 'side');
    expect(await pushBranch(request)).toEqual({ kind: 'moved', found: null });
    expect(planted.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main');
  });

  test('a landing branch cannot be pushed, in no spelling', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1' });
    planted.git('branch', 'trunk');
    const repo = await mirrored(planted, 'trunk');
    for (const branch of [
      'main',
      'master',
      'trunk',
      'TRUNK',
      'release',
      'refs/heads/main',
      '../heads/main',
      'heads/../main',
    ]) {
      const answer = await pushBranch({
        repo,
        url: planted.dir,
        branch,
        commit,
        expected: commit,
        protectedNames: ['release'],
      });
      expect([branch, answer.kind]).toEqual([branch, 'refused']);
    }
  });

  test('deletes it only where it was expected, never a landing branch, and says so again when asked again', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const head = planted.branch('side').commit({ b: '1' });
    planted.git('checkout', '--quiet', '--detach');
    const repo = await mirrored(planted);
    const request = { repo, url: planted.dir, branch: 'side', expected: base };
    expect(await deleteBranch(request)).toEqual({ kind: 'moved', found: head });
    expect(await deleteBranch({ ...request, expected: head })).toEqual({ kind: 'deleted' });
    expect(planted.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main');
    expect(await deleteBranch({ ...request, expected: head })).toEqual({ kind: 'deleted' });
    for (const branch of ['main', 'MAIN', 'master', 'refs/heads/main'])
      expect([branch, (await deleteBranch({ ...request, branch })).kind]).toEqual([branch, 'refused']);
  });

  test('a remote that refuses is refused, with its reason', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const head = planted.branch('side').commit({ b: '1' });
    const repo = await mirrored(planted);
    const answer = await pushBranch({ repo, url: planted.dir, branch: 'side', commit: base, expected: head });
    expect(answer).toEqual({ kind: 'refused', reason: expect.stringContaining('checked out') });
  });
});

describe('landing', () => {
  test('goes forward only, from exactly the expected commit, and is repeatable', async () => {
    const planted = new Planted();
    const first = planted.commit({ a: '1' });
    const second = planted.commit({ a: '2' });
    const side = planted.branch('side', first).commit({ b: '1' });
    const repo = { gitDir: join(planted.dir, '.git') };
    const ref = 'refs/heads/main';
    expect(await fastForward({ repo, ref, from: first, to: second })).toEqual({ kind: 'moved' });
    expect(await fastForward({ repo, ref, from: first, to: side })).toEqual({ kind: 'stale', found: second });
    expect(await fastForward({ repo, ref, from: second, to: side })).toEqual({ kind: 'not-fast-forward' });
    expect(await fastForward({ repo, ref: 'refs/heads/none', from: first, to: second })).toEqual({
      kind: 'stale',
      found: null,
    });
    planted.git('update-ref', ref, first);
    expect(await fastForward({ repo, ref, from: first, to: second })).toEqual({ kind: 'moved' });
    expect(planted.git('rev-parse', 'main')).toBe(second);
  });

  test('a lock that was left behind is reported as locked, and nothing moves', async () => {
    const planted = new Planted();
    const first = planted.commit({ a: '1' });
    const second = planted.branch('side').commit({ a: '2' });
    const repo = { gitDir: join(planted.dir, '.git') };
    const lock = join(repo.gitDir, 'refs/heads/main.lock');
    writeFileSync(lock, '');
    const request = { repo, ref: 'refs/heads/main', from: first, to: second };
    expect(await fastForward(request)).toMatchObject({ kind: 'git-failed', trouble: 'locked' });
    expect(planted.git('rev-parse', 'main')).toBe(first);
    rmSync(lock);
    expect(await fastForward(request)).toEqual({ kind: 'moved' });
  });
});

describe('importing a commit', () => {
  /** Scratch repositories that borrow from this one; other processes of the machine may have theirs at any moment. */
  const leftoversOf = (dir: string): string[] =>
    readdirSync(tmpdir()).filter((name) => {
      const alternates = join(tmpdir(), name, 'objects', 'info', 'alternates');
      return name.startsWith('gatehouse-import-') && textOf(alternates).includes(dir);
    });
  /** Empty for a file that went away just now. */
  const textOf = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };

  test('brings its history under the given ref and leaves nothing else behind', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const repo = await mirrored(planted);
    const commit = planted.branch('work').commit({ b: '1' });
    const from = { gitDir: join(planted.dir, '.git') };
    expect(await importCommit({ from, into: repo, commit, ref: 'refs/heads/work' })).toEqual({ kind: 'imported' });
    expect(await resolveCommit({ repo, ref: 'work' })).toMatchObject({ sha: commit });
    expect(git(repo.gitDir, '--git-dir=.', 'fsck', '--strict')).toBe('');
    expect(leftoversOf(planted.dir)).toEqual([]);
    expect(await importCommit({ from, into: repo, commit, ref: 'refs/heads/main' })).toMatchObject({ kind: 'refused' });
  });

  test('a shallow source, a foreign loan of objects and a missing commit do not get in', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const commit = planted.commit({ a: '2' });
    const into = { gitDir: join(planted.root, 'empty.git') };
    git(planted.root, 'init', '--quiet', '--bare', into.gitDir);
    const shallow = join(planted.root, 'shallow');
    git(planted.root, 'clone', '--quiet', '--depth=1', `file://${planted.dir}`, shallow);
    const ref = 'refs/heads/x';
    const from = { gitDir: join(shallow, '.git') };
    expect(await importCommit({ from, into, commit, ref })).toMatchObject({ kind: 'refused' });
    rmSync(join(from.gitDir, 'shallow'));
    expect(await importCommit({ from, into, commit, ref })).toMatchObject({ kind: 'git-failed' });
    const loan = join(planted.root, 'loan.git');
    git(planted.root, 'clone', '--quiet', '--bare', '--shared', planted.dir, loan);
    expect(await importCommit({ from: { gitDir: loan }, into, commit, ref })).toMatchObject({ kind: 'refused' });
    const missing = { from: { gitDir: join(planted.dir, '.git') }, into, commit: 'f'.repeat(40), ref };
    expect(await importCommit(missing)).toMatchObject({ kind: 'git-failed' });
    expect(git(into.gitDir, '--git-dir=.', 'for-each-ref')).toBe('');
  });
});

describe('line differences', () => {
  test('name added lines exactly, through renames, odd names and text in the form of a patch', async () => {
    const planted = new Planted();
    const lines = (n: number): string => Array.from({ length: n }, (_, i) => `line ${i + 1}\n`).join('');
    const base = planted.commit({ old: lines(40), gone: 'x\n', same: 'x\n', 'odd\n"name"': 'a\n', kind: 'x\n' });
    rmSync(join(planted.dir, 'kind'));
    mkdirSync(join(planted.dir, 'kind'));
    const head = planted.commit({
      old: null,
      fresh: `${lines(40)}line 41\n`,
      gone: null,
      'odd\n"name"': 'a\ndiff --git a/x b/x\n@@ -1 +1,9 @@\n-- b\n',
      'kind/file': 'no newline at the end',
      binary: Buffer.from('a\0b\nc\n'),
    });
    const repo = await mirrored(planted);
    const diff = await diffLines({ repo, base, head });
    const files =
      diff.kind === 'diffed' ? [...diff.files].map(([path, file]) => [path, file.status, file.added, file.from]) : diff;
    expect(files).toEqual([
      ['binary', 'A', [{ start: 1, end: 2 }], undefined],
      ['fresh', 'R', [{ start: 41, end: 41 }], 'old'],
      ['gone', 'D', [], undefined],
      ['kind', 'D', [], undefined],
      ['kind/file', 'A', [{ start: 1, end: 1 }], undefined],
      ['odd\n"name"', 'M', [{ start: 2, end: 4 }], undefined],
    ]);
  });

  test('an attribute of the branch hides nothing, and a change of type keeps its place', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1\n', link: 'x\n', z: '1\n' });
    planted.git('rm', '--quiet', 'link');
    planted.git('update-index', '--add', '--cacheinfo', `120000,${planted.git('rev-parse', 'HEAD:a')},link`);
    planted.git('checkout-index', '--force', 'link');
    const head = planted.commit({ '.gitattributes': '* -diff\n', a: '1\n2\n', z: '0\n1\n' });
    const repo = await mirrored(planted);
    const diff = await diffLines({ repo, base, head });
    const files =
      diff.kind === 'diffed' ? [...diff.files].map(([path, file]) => [path, file.status, file.added]) : diff;
    expect(files).toEqual([
      ['.gitattributes', 'A', [{ start: 1, end: 1 }]],
      ['a', 'M', [{ start: 2, end: 2 }]],
      ['link', 'T', [{ start: 1, end: 1 }]],
      ['z', 'M', [{ start: 1, end: 1 }]],
    ]);
  });
});

describe('the code tree', () => {
  test('does not change with the work items of its task, and changes with everything else', async () => {
    const planted = new Planted();
    const plain = planted.commit({ a: '1', 'docs/guide': 'x' });
    const bare = planted.git('rev-parse', 'HEAD^{tree}');
    const own = planted.commit({ 'docs/work-items/ABC-1/12-review.md': 'APPROVED' });
    const both = planted.commit({ 'docs/work-items/ABC-2/x': '1', 'docs/work-items/ABC-1/y': '2' });
    planted.git('rm', '--quiet', '-r', 'docs/work-items/ABC-1');
    planted.git('commit', '--quiet', '-m', 'without');
    const without = planted.git('rev-parse', 'HEAD^{tree}');
    planted.git('rm', '--quiet', '-r', 'a', 'docs');
    const report = planted.commit({ 'docs/work-items/ABC-1/only': '1' });
    const repo = await mirrored(planted);
    const of = (commit: string, key?: string) => codeTree({ repo, commit, key });
    expect(await of(plain, 'ABC-1')).toEqual({ kind: 'found', tree: bare });
    expect(await of(own, 'ABC-1')).toEqual({ kind: 'found', tree: bare });
    expect(await of(both, 'ABC-1')).toEqual({ kind: 'found', tree: without });
    expect(await of(both, 'ABC-3')).toEqual(await of(both));
    expect(await of(both)).toEqual({ kind: 'found', tree: git(planted.dir, 'rev-parse', `${both}^{tree}`) });
    expect(await of(report, 'ABC-1')).toEqual({ kind: 'found', tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904' });
    expect(existsSync(join(repo.gitDir, 'index'))).toBe(false);
    expect(await of('f'.repeat(40), 'ABC-1')).toMatchObject({ kind: 'git-failed', trouble: 'missing-object' });
  });
});

describe('a tree without its history', () => {
  test('has the same files in a commit of no parent, beside one without a file, and is the same each time', async () => {
    const planted = new Planted();
    planted.commit({ gone: '1' });
    planted.git('rm', '--quiet', 'gone');
    const commit = planted.commit({ 'a/b': '1', c: '2' });
    const repo = await mirrored(planted);
    const made = await standAlone({ repo, commit });
    expect(await standAlone({ repo, commit })).toEqual(made);
    if (made.kind !== 'made') throw new Error(made.kind);
    const inside = (...args: string[]) =>
      execFileSync('git', ['--git-dir', repo.gitDir, ...args], { encoding: 'utf8' });
    expect(inside('rev-list', '--parents', made.alone, made.empty).trim().split('\n').sort()).toEqual(
      [made.alone, made.empty].sort(),
    );
    expect(inside('diff', '--name-only', made.alone, commit)).toBe('');
    expect(inside('ls-tree', '-r', made.empty)).toBe('');
    expect(inside('for-each-ref', '--contains', made.alone)).toBe('');
    expect(await standAlone({ repo, commit: 'f'.repeat(40) })).toMatchObject({ kind: 'git-failed' });
  });
});
