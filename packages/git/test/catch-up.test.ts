import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  catchUp,
  checkoutSlot,
  fetchMirror,
  type GitRepo,
  openMirror,
  rebaseOnto,
  resolveCommit,
} from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import { type AttributeEffect, attributeEffect } from '../src/attributes.ts';
import { isPlainCommitter, readRawCommit } from '../src/raw-commit.ts';
import { git, Planted } from './planted-repository.ts';

const committer = { name: 'Gatehouse', email: 'gate@example.test' };
const mode = 'rebase';

/** By path; `null` deletes. */
type Files = Record<string, string | null>;

async function prepared(planted: Planted): Promise<{ repo: GitRepo; dir: string }> {
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  return { repo: opened.repo, dir: join(planted.root, 'slot') };
}

/** Main and a branch that part after `start`. */
async function parted(
  start: Files,
  onMain: Files,
  ...onSide: Files[]
): Promise<{ planted: Planted; repo: GitRepo; dir: string; base: string; head: string }> {
  const planted = new Planted();
  planted.commit({ a: '1\n', ...start });
  planted.branch('side');
  let head = '';
  for (const files of onSide) head = planted.commit(files);
  const base = planted.on('main').commit(onMain);
  return { planted, ...(await prepared(planted)), base, head };
}

describe('catching up without a work tree', () => {
  test('replays every commit into the mirror, keeps the result, and leaves the slot alone', async () => {
    const { repo, dir, base, head } = await parted({}, { m: '1' }, { b: '1' }, { c: '1' }, { b: '2' });
    const answer = await catchUp({ repo, dir, base, head, mode, committer });
    expect(answer).toMatchObject({ kind: 'caught-up', how: 'rebased', commits: 3, path: 'fast' });
    expect(existsSync(dir)).toBe(false);
    const { tested, tree } = answer as { tested: string; tree: string };
    expect(await resolveCommit({ repo, ref: `refs/gatehouse/tested/${tested}` })).toEqual({
      kind: 'found',
      sha: tested,
      tree,
    });
    const log = git(repo.gitDir, '--git-dir=.', 'log', '--format=%an|%cn|%ce', `${base}..${tested}`);
    expect(new Set(log.split('\n'))).toEqual(new Set(['Ada Author|Gatehouse|gate@example.test']));
    expect(git(repo.gitDir, '--git-dir=.', 'fsck', '--strict', '--no-dangling')).toBe('');
    expect(await rebaseOnto({ repo, dir, base, head, mode, committer })).toMatchObject({ tree });
  });

  test('two at once end in the same tree, and nothing half-written stays', async () => {
    const { repo, dir, base, head } = await parted({}, { m: '1' }, { b: '1' }, { c: '1' });
    const request = { repo, dir, base, head, mode, committer } as const;
    const answers = await Promise.all([catchUp(request), catchUp(request), catchUp(request)]);
    expect(new Set(answers.map((answer) => (answer as { tree: string }).tree)).size).toBe(1);
    expect(answers.every((answer) => answer.kind === 'caught-up' && answer.path === 'fast')).toBe(true);
    const half = readdirSync(join(repo.gitDir, 'objects'), { recursive: true }).filter((name) =>
      String(name).includes('tmp_obj'),
    );
    expect(half).toEqual([]);
  });

  test('applies a change again that main had and took back, and keeps a commit that was empty from the start', async () => {
    const { planted, repo, dir, base, head } = await parted({}, { b: '1' }, { c: '1' }, { b: '1' }, {});
    planted.on('main').commit({ b: null });
    const revert = planted.git('rev-parse', 'HEAD');
    await fetchMirror({ repo, url: planted.dir });
    for (const [onto, commits] of [
      [base, 2],
      [revert, 3],
    ] as const) {
      const request = { repo, dir, base: onto, head, mode, committer } as const;
      const answer = await catchUp(request);
      expect(answer).toMatchObject({ kind: 'caught-up', commits, path: 'fast' });
      expect(await rebaseOnto(request)).toMatchObject({ commits, tree: (answer as { tree: string }).tree });
    }
  });

  test('a merge is one commit with both parents', async () => {
    const { repo, dir, base, head } = await parted({}, { m: '1' }, { b: '1' });
    const answer = await catchUp({ repo, dir, base, head, mode: 'merge', committer });
    expect(answer).toMatchObject({ kind: 'caught-up', how: 'merged', commits: 2, path: 'fast' });
    const { tested } = answer as { tested: string };
    expect(git(repo.gitDir, '--git-dir=.', 'log', '-1', '--format=%P|%an|%s', tested)).toBe(
      `${head} ${base}|Gatehouse|Merge main (${base.slice(0, 12)}) to catch up`,
    );
  });

  test('a conflict is the word of the work tree, with its paths', async () => {
    const { repo, dir, base, head } = await parted({}, { a: 'theirs\n' }, { b: '1' }, { a: 'mine\n' });
    expect(await catchUp({ repo, dir, base, head, mode, committer })).toEqual({
      kind: 'conflicted',
      paths: ['a'],
      path: 'work-tree',
      why: 'conflict',
    });
    expect(existsSync(dir)).toBe(true);
  });

  test('a git that fails on the way is asked in the work tree; a deadline and a cancel end both ways', async () => {
    const { planted, repo, dir, base, head } = await parted({}, { m: '1' }, { b: '1' });
    const gitPath = planted.script('case "$*" in *merge-tree*) exit 129;; esac; exec git "$@"');
    const request = { repo, dir, base, head, mode, committer } as const;
    expect(await catchUp({ ...request, gitPath })).toMatchObject({ kind: 'caught-up', path: 'work-tree', why: 'git' });
    const slow = planted.script('case "$*" in *merge-tree*) exec sleep 60;; esac; exec git "$@"');
    expect(await catchUp({ ...request, gitPath: slow, timeoutMs: 2000 })).toMatchObject({ trouble: 'timeout' });
    expect(await catchUp({ ...request, signal: AbortSignal.abort() })).toMatchObject({ trouble: 'cancelled' });
  });
});

describe('what only a work tree can judge goes there', () => {
  test.each<[string, Files, ...Files[]]>([
    ['a merge driver anywhere', { 'deep/.gitattributes': '*.x merge=union\n' }, { b: '1' }],
    ['a filter that the branch brings', {}, { '.gitattributes': '*.x filter=lfs\n' }],
    [
      'a filter that the branch brings and takes away',
      {},
      { '.gitattributes': '* filter=x' },
      { '.gitattributes': null },
    ],
    ['a macro', { '.gitattributes': '[attr]mine -text\n' }, { b: '1' }],
    ['spelling that other file systems take for the same', { '.GitAttributes': '* merge=ours\n' }, { b: '1' }],
  ])('attributes: %s', async (_, start, ...onSide) => {
    const { repo, dir, base, head } = await parted(start, { m: '1' }, ...onSide);
    expect(await catchUp({ repo, dir, base, head, mode, committer })).toMatchObject({ why: 'attributes' });
  });

  test('attributes on binary files matter only where both sides change a file or renames may be', async () => {
    const start = { '.gitattributes': '*.png binary\n', 'x.png': 'a\nb\nc\nd\n' };
    const ask = async (onMain: Files, onSide: Files): Promise<unknown> => {
      const { repo, dir, base, head } = await parted(start, onMain, onSide);
      const answer = await catchUp({ repo, dir, base, head, mode, committer });
      return answer.kind === 'caught-up' ? answer.path : answer.kind;
    };
    expect(await ask({ m: '1' }, { 'x.png': 'a\nb\nc\nD\n' })).toBe('fast');
    expect(await ask({ 'x.png': 'A\nb\nc\nd\n' }, { 'x.png': 'a\nb\nc\nD\n' })).toBe('conflicted');
    expect(await ask({ m: '1', a: null }, { b: '1' })).toBe('work-tree');
  });

  test('merges, histories apart, odd paths, foreign encodings and odd committers', async () => {
    const planted = new Planted();
    const root = planted.commit({ a: '1' });
    const merged = planted.branch('side').commit({ b: '1' });
    planted.branch('other', root).commit({ c: '1' });
    planted.git('merge', '--quiet', '--no-edit', merged);
    const merge = planted.git('rev-parse', 'HEAD');
    planted.branch('odd', root);
    const blob = planted.git('rev-parse', 'HEAD:a');
    planted.git('-c', 'core.protectNTFS=false', 'update-index', '--add', '--cacheinfo', `100644,${blob},git~1`);
    planted.git('-c', 'core.protectNTFS=false', 'commit', '--quiet', '-m', 'odd');
    const odd = planted.git('rev-parse', 'HEAD');
    planted.git('reset', '--quiet', '--hard', root);
    planted.git('update-ref', 'refs/heads/odd', odd);
    planted.git('checkout', '--quiet', '--detach', root);
    planted.branch('latin', root);
    const latin = planted.commit({ d: '1' });
    planted.git('-c', 'i18n.commitEncoding=ISO-8859-1', 'commit', '--quiet', '--amend', '-m', 'plain');
    const encoded = planted.git('rev-parse', 'HEAD');
    expect(encoded).not.toBe(latin);
    planted.git('checkout', '--quiet', '--orphan', 'alone');
    const alone = planted.commit({ e: '1' });
    const base = planted.on('main').commit({ m: '1' });
    const { repo, dir } = await prepared(planted);
    const ask = (head: string, name = 'Gatehouse'): ReturnType<typeof catchUp> =>
      catchUp({ repo, dir, base, head, mode, committer: { ...committer, name } });
    expect(await ask(merge)).toMatchObject({ how: 'merged', why: 'merges' });
    expect(await ask(encoded)).toMatchObject({ how: 'rebased', why: 'message' });
    expect(await ask(merged, 'Gate. House.')).toMatchObject({ how: 'rebased', why: 'committer' });
    expect(await ask(alone)).toMatchObject({ kind: 'unrelated', why: 'history' });
    expect((await ask(odd)).kind).toBe('git-failed');
    expect((await checkoutSlot({ repo, dir, commit: odd })).kind).toBe('git-failed');
  });
});

test('a file with other line ends than its attributes ask for is changed by nobody, and stops no catch-up', async () => {
  const planted = new Planted();
  planted.commit({ 'e.sh': 'one\r\ntwo\r\n', a: '1\n' });
  // Git would mend the file with the commit that brings the attributes.
  planted.git('update-index', '--assume-unchanged', 'e.sh');
  planted.commit({ '.gitattributes': '*.sh text eol=lf\n' });
  planted.branch('side');
  const head = planted.commit({ b: '1\n' });
  const base = planted.on('main').commit({ a: '2\n' });
  const { repo, dir } = await prepared(planted);
  expect(git(planted.dir, 'cat-file', 'blob', `${base}:e.sh`)).toContain('\r');
  const answer = await rebaseOnto({ repo, dir, base, head, mode, committer });
  expect(answer).toMatchObject({ kind: 'caught-up', commits: 1 });
  const tested = answer.kind === 'caught-up' ? answer.tested : '';
  expect(git(dir, `--git-dir=${repo.gitDir}`, 'diff', '--name-only', base, tested)).toBe('b');
  // What a run did to such a file is undone by the next checkout.
  writeFileSync(join(dir, 'e.sh'), 'planted\n');
  expect(await checkoutSlot({ repo, dir, commit: tested })).toMatchObject({ kind: 'ready' });
  expect(readFileSync(join(dir, 'e.sh'), 'utf8')).toMatch(/^one\r?\n/);
});

test('an attribute has effect on trees when git would merge or compare by it', () => {
  const judged: [string, AttributeEffect][] = [
    ['', 'none'],
    ['* text=auto eol=lf\r\n*.sh text\n', 'none'],
    ['# * merge=union\n', 'none'],
    ['*.lock linguist-generated -text export-ignore ident\n', 'none'],
    ['*.png binary', 'some'],
    ['*.png -diff\n*.x\tmerge', 'any'],
    ['*.x !filter\n', 'any'],
    ['"a b" -merge', 'any'],
    ['  [attr]x text', 'any'],
    ['*.x diff=word\n', 'some'],
  ];
  for (const [text, effect] of judged) expect([text, attributeEffect(text)]).toEqual([text, effect]);
});

test('a committer is plain when git would not touch a letter', () => {
  for (const name of ['Gatehouse', 'Gate House (bot)', 'Ünï', "O'Brien"])
    expect([name, isPlainCommitter(name, 'a@b')]).toEqual([name, true]);
  for (const name of ['', ' a', 'a.', 'a\nb', 'a<b', '"a"', 'a\u0007b', '\ud800x', '\ufdd0'])
    expect([name, isPlainCommitter(name, 'a@b')]).toEqual([name, false]);
});

test('a commit is taken apart only when a rebase would not change its bytes', () => {
  const head = `tree ${'a'.repeat(40)}\nparent ${'b'.repeat(40)}\nauthor A <a@b> 1 +0000\ncommitter C <c@d> 2 +0000\n`;
  const messageOf = (rest: string): string | undefined =>
    readRawCommit(Buffer.from(head + rest))?.message.toString('utf8');
  expect(messageOf('\nsubject\n\nbody')).toBe('subject\n\nbody');
  expect(messageOf('gpgsig x\n y\n\n \n\n  subject')).toBe('  subject');
  expect(messageOf('')).toBe('');
  expect(messageOf('\n\n  \n')).toBe('');
  expect(messageOf('encoding latin1\n\nx')).toBeUndefined();
  expect(messageOf('\nencoding latin1\n\nx')).toBe('encoding latin1\n\nx');
  expect(messageOf('\na\0b')).toBeUndefined();
  expect(messageOf('\n\uffff')).toBeUndefined();
  expect(readRawCommit(Buffer.concat([Buffer.from(`${head}\n`), Buffer.from([0xe9])]))).toBeNull();
  expect(readRawCommit(Buffer.from(head.replace('<a@b>', 'a@b')))).toBeNull();
});
