import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { checkoutSlot, type GitRepo, openMirror, rebaseOnto, removeSlot, resolveCommit } from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import { git, Planted } from './planted-repository.ts';

const committer = { name: 'Gatehouse', email: 'gate@example.test' };

async function prepared(planted: Planted): Promise<{ repo: GitRepo; dir: string }> {
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  return { repo: opened.repo, dir: join(planted.root, 'slot') };
}

const filesOf = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .filter((path) => !path.startsWith('.git/'))
    .sort();

describe('a slot', () => {
  test('holds exactly the commit, again after a run that left its traces', async () => {
    const planted = new Planted();
    const first = planted.commit({ 'src/a': '1', gone: 'x', '.gitignore': 'ignored\n' });
    const second = planted.commit({ 'src/a': '2', gone: null });
    const { repo, dir } = await prepared(planted);
    expect(await checkoutSlot({ repo, dir, commit: first })).toMatchObject({ kind: 'ready', commit: first });
    expect(filesOf(dir)).toEqual(['.gitignore', 'gone', 'src/a']);
    writeFileSync(join(dir, 'ignored'), 'cache');
    writeFileSync(join(dir, 'src/a'), 'spoiled');
    rmSync(join(dir, 'gone'));
    mkdirSync(join(dir, 'nested/.git'), { recursive: true });
    mkdirSync(join(dir, 'src/.git'));
    writeFileSync(join(dir, 'src/.git/config'), 'planted');
    expect(await checkoutSlot({ repo, dir, commit: second })).toMatchObject({ kind: 'ready', commit: second });
    expect(filesOf(dir)).toEqual(['.gitignore', 'src/a']);
    expect(readFileSync(join(dir, 'src/a'), 'utf8')).toBe('2');
    expect(existsSync(join(dir, 'nested'))).toBe(false);
    expect(existsSync(join(dir, 'src/.git'))).toBe(false);
  });

  test('a submodule whose path is no text is an empty directory, again after a run that filled it', async () => {
    const planted = new Planted();
    const link = planted.commit({ a: '1' });
    const name = Buffer.from([0x77, 0xe9]);
    const entry = Buffer.concat([Buffer.from(`160000 commit ${link}\t`), name, Buffer.from('\0')]);
    const blob = planted.git('rev-parse', 'HEAD:a');
    const input = Buffer.concat([Buffer.from(`100644 blob ${blob}\ta\0`), entry]);
    const cwd = planted.dir;
    const tree = execFileSync('git', ['mktree', '-z', '--missing'], { cwd, input, encoding: 'utf8' }).trim();
    const commit = planted.git('commit-tree', tree, '-m', 'linked');
    planted.git('update-ref', 'refs/heads/main', commit);
    const { repo, dir } = await prepared(planted);
    expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'ready', tree });
    const inside = Buffer.concat([Buffer.from(`${dir}/`), name, Buffer.from('/left')]);
    writeFileSync(inside, 'by a run');
    expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'ready', tree });
    expect(existsSync(inside)).toBe(false);
  });

  test('a submodule is an empty directory, again after a run that filled it', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    mkdirSync(join(planted.dir, 'libs/sub'), { recursive: true });
    planted.git('update-index', '--add', '--cacheinfo', `160000,${'a'.repeat(40)},libs/sub`);
    const commit = planted.commit({ 'libs/b': '1' });
    const { repo, dir } = await prepared(planted);
    await checkoutSlot({ repo, dir, commit });
    mkdirSync(join(dir, 'libs/sub/.git'));
    mkdirSync(join(dir, 'libs/sub/deep/er'), { recursive: true });
    writeFileSync(join(dir, 'libs/sub/deep/planted'), 'by a branch');
    expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'ready' });
    expect([filesOf(dir), readdirSync(join(dir, 'libs/sub'))]).toEqual([['a', 'libs/b'], []]);
    rmSync(join(dir, 'libs/sub'), { recursive: true });
    const outside = join(planted.root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'precious'), '');
    symlinkSync(outside, join(dir, 'libs/sub'));
    expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'ready' });
    expect([readdirSync(join(dir, 'libs/sub')), readdirSync(outside)]).toEqual([[], ['precious']]);
  });

  test('a kept path survives the cleaning, everything beside it does not', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1', '.gitignore': 'node_modules\n' });
    const { repo, dir } = await prepared(planted);
    await checkoutSlot({ repo, dir, commit });
    for (const path of ['node_modules', 'sub/node_modules']) {
      mkdirSync(join(dir, path), { recursive: true });
      writeFileSync(join(dir, path, 'x'), '');
    }
    await checkoutSlot({ repo, dir, commit, keep: ['node_modules'] });
    expect(filesOf(dir)).toEqual(['.gitignore', 'a', 'node_modules/x']);
    expect(await checkoutSlot({ repo, dir, commit, keep: ['../outside'] })).toMatchObject({ kind: 'crashed' });
  });

  test('links that a run left in place of directories lead nowhere', async () => {
    const planted = new Planted();
    const commit = planted.commit({ 'sub/a': '1' });
    const { repo, dir } = await prepared(planted);
    const outside = join(planted.root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'precious'), 'kept');
    await checkoutSlot({ repo, dir, commit });
    rmSync(join(dir, 'sub'), { recursive: true });
    symlinkSync(outside, join(dir, 'sub'));
    await checkoutSlot({ repo, dir, commit });
    expect(filesOf(dir)).toEqual(['sub/a']);
    rmSync(dir, { recursive: true });
    symlinkSync(outside, dir);
    await checkoutSlot({ repo, dir, commit });
    expect(filesOf(dir)).toEqual(['sub/a']);
    expect(readdirSync(outside)).toEqual(['precious']);
  });

  test('a directory that a run moved away and linked to is whole again', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1', 'sub/deep/b': '2' });
    const { repo, dir } = await prepared(planted);
    await checkoutSlot({ repo, dir, commit });
    const aside = join(planted.root, 'aside');
    renameSync(join(dir, 'sub'), aside);
    symlinkSync(aside, join(dir, 'sub'));
    mkdirSync(join(aside, '.git'));
    expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'ready' });
    expect(filesOf(dir)).toEqual(['a', 'sub/deep/b']);
    expect(readdirSync(aside).sort()).toEqual(['.git', 'deep']);
  });

  test('a directory whose name is no text loses a planted .git, too', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const name = Buffer.from([0x64, 0xff]);
    const inside = (root: string, ...rest: readonly string[]): Buffer =>
      Buffer.concat([Buffer.from(`${root}/`), name, Buffer.from(rest.map((part) => `/${part}`).join(''))]);
    mkdirSync(inside(planted.dir));
    writeFileSync(inside(planted.dir, 'b'), '2');
    const commit = planted.commit({});
    const { repo, dir } = await prepared(planted);
    await checkoutSlot({ repo, dir, commit });
    mkdirSync(inside(dir, '.git'));
    expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'ready' });
    expect(readdirSync(inside(dir))).toEqual(['b']);
  });

  test('a command in it finds a repository at the commit, and what it does there does not stay', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1' });
    const { repo, dir } = await prepared(planted);
    await checkoutSlot({ repo, dir, commit });
    expect(git(dir, 'rev-parse', 'HEAD')).toBe(commit);
    expect(git(dir, 'status', '--porcelain')).toBe('');
    writeFileSync(join(dir, 'a'), 'mine');
    git(dir, 'commit', '--quiet', '-am', 'mine');
    await checkoutSlot({ repo, dir, commit });
    expect(git(dir, 'rev-parse', 'HEAD')).toBe(commit);
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });

  test('its commit stays in the mirror after the branch is gone, until the slot is removed', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1' });
    const { repo, dir } = await prepared(planted);
    await checkoutSlot({ repo, dir, commit });
    const refs = (): string =>
      git(repo.gitDir, '--git-dir=.', 'for-each-ref', '--format=%(objectname)', 'refs/gatehouse/slots');
    expect(refs()).toBe(commit);
    expect(await removeSlot({ dir })).toEqual({ kind: 'removed' });
    expect(await removeSlot({ dir })).toEqual({ kind: 'removed' });
    expect(refs()).toBe('');
    expect(readdirSync(planted.root).sort()).toEqual(['mirror', 'source']);
  });

  test('its ref goes wherever it stands, and under a lock of another nothing is written or removed', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1' });
    const { repo, dir } = await prepared(planted);
    const inMirror = (...args: string[]): string => git('/', `--git-dir=${repo.gitDir}`, ...args);
    const refs = (): string => inMirror('for-each-ref', '--format=%(refname)', 'refs/gatehouse/slots');
    await checkoutSlot({ repo, dir, commit });
    inMirror('pack-refs', '--all');
    expect(await removeSlot({ dir })).toEqual({ kind: 'removed' });
    expect(refs()).toBe('');
    await checkoutSlot({ repo, dir, commit });
    const lock = join(repo.gitDir, `${refs()}.lock`);
    writeFileSync(lock, '');
    expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'git-failed', trouble: 'locked' });
    expect(await removeSlot({ dir })).toMatchObject({ kind: 'git-failed', trouble: 'locked' });
    expect(inMirror('rev-parse', refs())).toBe(commit);
    rmSync(lock);
    expect(await removeSlot({ dir })).toEqual({ kind: 'removed' });
    expect(refs()).toBe('');
    expect(existsSync(join(repo.gitDir, 'packed-refs.lock'))).toBe(false);
  });

  test('a new one is filled by two processes of git, one that something ran in is cleaned by two more', async () => {
    const planted = new Planted();
    const commit = planted.commit({ 'src/a': '1' });
    const { repo, dir } = await prepared(planted);
    const log = join(planted.root, 'log');
    const known = 'cat-file|update-ref|read-tree|ls-tree|clean';
    const gitPath = planted.script(
      `for word in "$@"; do case $word in ${known}) echo "$word" >> '${log}';; esac; done; exec git "$@"`,
    );
    const started = async (): Promise<string[]> => {
      rmSync(log, { force: true });
      expect(await checkoutSlot({ repo, dir, commit, gitPath })).toMatchObject({ kind: 'ready' });
      return readFileSync(log, 'utf8').trim().split('\n').sort();
    };
    expect(await started()).toEqual(['cat-file', 'read-tree']);
    expect(await started()).toEqual(['cat-file', 'clean', 'ls-tree', 'read-tree']);
    rmSync(dir, { recursive: true });
    expect(await started()).toEqual(['cat-file', 'read-tree']);
    expect(filesOf(dir)).toEqual(['src/a']);
  });

  test('a commit that is not there is missing-object', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const { repo, dir } = await prepared(planted);
    expect(await checkoutSlot({ repo, dir, commit: 'f'.repeat(40) })).toMatchObject({
      kind: 'git-failed',
      trouble: 'missing-object',
    });
  });
});

describe('catching up', () => {
  test('a branch that has its base is current, and the slot is not touched', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const head = planted.branch('side').commit({ b: '1' });
    const { repo, dir } = await prepared(planted);
    expect(await rebaseOnto({ repo, dir, base, head, mode: 'rebase', committer })).toEqual({
      kind: 'current',
      tested: head,
    });
    expect(existsSync(dir)).toBe(false);
  });

  test('a rebase keeps authors, names the committer and leaves the result in slot and mirror', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    planted.branch('side').commit({ b: '1' }, 'one');
    const head = planted.commit({ c: '1' }, 'two');
    const base = planted.on('main').commit({ a: '2' });
    const { repo, dir } = await prepared(planted);
    const answer = await rebaseOnto({ repo, dir, base, head, mode: 'rebase', committer });
    expect(answer).toMatchObject({ kind: 'caught-up', how: 'rebased', commits: 2 });
    const { tested, tree } = answer as { tested: string; tree: string };
    expect(await resolveCommit({ repo, ref: tested })).toEqual({ kind: 'found', sha: tested, tree });
    expect(await resolveCommit({ repo, ref: `refs/gatehouse/tested/${tested}` })).toMatchObject({ kind: 'found' });
    const log = git(repo.gitDir, '--git-dir=.', 'log', '--format=%an|%cn|%s', `${base}..${tested}`);
    expect(log).toBe('Ada Author|Gatehouse|two\nAda Author|Gatehouse|one');
    expect(filesOf(dir)).toEqual(['a', 'b', 'c']);
    expect(git(dir, 'rev-parse', 'HEAD')).toBe(tested);
  });

  test('a commit that main already has is dropped; a branch that main holds becomes main', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    planted.branch('side').commit({ b: '1' });
    const head = planted.commit({ c: '1' });
    const base = planted.on('main').commit({ b: '1', x: '1' });
    const { repo, dir } = await prepared(planted);
    expect(await rebaseOnto({ repo, dir, base, head, mode: 'rebase', committer })).toMatchObject({
      kind: 'caught-up',
      commits: 1,
    });
    const behind = git(repo.gitDir, '--git-dir=.', 'rev-parse', `${base}^`);
    expect(await rebaseOnto({ repo, dir, base, head: behind, mode: 'rebase', committer })).toMatchObject({
      kind: 'caught-up',
      tested: base,
      commits: 0,
    });
  });

  test('a branch that holds a merge is not flattened: main is merged in and the evil merge stays', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    planted.branch('side').commit({ b: '1' });
    planted.on('main').commit({ c: '1' });
    planted.on('side').git('merge', '--quiet', '--no-commit', 'main');
    const head = planted.commit({ evil: 'only in the merge' }, 'merge');
    const base = planted.on('main').commit({ d: '1' });
    const { repo, dir } = await prepared(planted);
    const answer = await rebaseOnto({ repo, dir, base, head, mode: 'rebase', committer });
    expect(answer).toMatchObject({ kind: 'caught-up', how: 'merged' });
    const { tested } = answer as { tested: string };
    expect(git(repo.gitDir, '--git-dir=.', 'log', '-1', '--format=%P|%an|%cn', tested)).toBe(
      `${head} ${base}|Gatehouse|Gatehouse`,
    );
    expect(filesOf(dir)).toEqual(['a', 'b', 'c', 'd', 'evil']);
  });

  test.each(['rebase', 'merge'] as const)(
    'a %s that conflicts names the paths and leaves the slot usable',
    async (mode) => {
      const planted = new Planted();
      const root = planted.commit({ 'odd\nname': '1', moved: 'one\ntwo\nthree\n', free: '1' });
      const head = planted.branch('side').commit({ 'odd\nname': 'mine', moved: 'one\ntwo\nthree!\n', free: '2' });
      const base = planted.on('main').commit({ 'odd\nname': 'theirs', moved: null });
      const { repo, dir } = await prepared(planted);
      const answer = await rebaseOnto({ repo, dir, base, head, mode, committer });
      expect(answer).toEqual({ kind: 'conflicted', paths: expect.arrayContaining(['odd\nname', 'moved']) });
      expect(await checkoutSlot({ repo, dir, commit: root })).toMatchObject({ kind: 'ready' });
      expect(filesOf(dir)).toEqual(['free', 'moved', 'odd\nname']);
      expect(git(dir, 'status', '--porcelain')).toBe('');
    },
  );

  test('a rename on one side and a deletion on the other is a conflict with paths', async () => {
    const planted = new Planted();
    planted.commit({ old: 'one\ntwo\nthree\nfour\n' });
    const head = planted.branch('side').commit({ old: null, fresh: 'one\ntwo\nthree\nfour\n' });
    const base = planted.on('main').commit({ old: null, other: '1' });
    const { repo, dir } = await prepared(planted);
    const answer = await rebaseOnto({ repo, dir, base, head, mode: 'rebase', committer });
    expect(answer).toMatchObject({ kind: 'conflicted', paths: [expect.stringMatching(/old|fresh/)] });
  });

  test('histories without a common commit are not a conflict', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    planted.git('checkout', '--quiet', '--orphan', 'alone');
    const head = planted.commit({ a: '2' });
    const { repo, dir } = await prepared(planted);
    expect(await rebaseOnto({ repo, dir, base, head, mode: 'rebase', committer })).toEqual({ kind: 'unrelated' });
  });
});
