import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  borrowCheckout,
  type Checkout,
  catchUp,
  checkoutSlot,
  mergeBase,
  nameInCheckout,
  namesInCheckout,
  readCheckout,
  uncommittedPaths,
} from '@gatehouse/git';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { git, Planted, scratch } from './planted-repository.ts';

const planted = { remote: null as unknown as Planted, heads: {} as Record<string, string> };

/** main: m0 … m4; topic from m2 with two commits; `pull` merges it into m4 as a forge would. */
beforeAll(() => {
  const remote = new Planted();
  const { heads } = planted;
  for (const n of [0, 1, 2]) heads[`m${n}`] = remote.commit({ m: `${n}` });
  heads['t1'] = remote.branch('topic').commit({ t: '1' });
  heads['t2'] = remote.commit({ t: '2' });
  for (const n of [3, 4]) heads[`m${n}`] = remote.on('main').commit({ m: `${n}` });
  remote.git('tag', '-a', 'v1', '-m', 'v1', heads['m3'] ?? '');
  remote.branch('pull').git('merge', '--quiet', '--no-ff', '-m', 'merge', 'topic');
  heads['pull'] = remote.git('rev-parse', 'HEAD');
  remote.git('update-ref', 'refs/pull/7/merge', heads['pull']);
  remote.git('update-ref', 'refs/pull/7/head', heads['t2']);
  remote.on('main').git('branch', '-D', 'pull');
  remote.git('config', 'uploadpack.allowFilter', 'true');
  planted.remote = remote;
});

function cloned(...options: string[]): string {
  const dir = join(scratch(), 'co');
  git('/', 'clone', '--quiet', ...options, `file://${planted.remote.dir}`, dir);
  return dir;
}

async function checkoutAt(path: string): Promise<Checkout> {
  const read = await readCheckout({ path });
  if (read.kind !== 'checkout') throw new Error(JSON.stringify(read));
  return read;
}

const named = async (path: string, name: string) => nameInCheckout({ repo: await checkoutAt(path), name });

async function borrowed(path: string, base: string, head: string) {
  const checkout = await checkoutAt(path);
  const [main, branch] = await Promise.all([base, head].map((name) => nameInCheckout({ repo: checkout, name })));
  if (main?.kind !== 'found' || branch?.kind !== 'found') throw new Error(JSON.stringify([main, branch]));
  return borrowCheckout({
    dir: join(scratch(), 'mirror'),
    checkout,
    main: { name: 'main', sha: main.sha },
    branch: { name: 'topic', sha: branch.sha },
  });
}

describe('a name in a checkout', () => {
  test('is HEAD, a commit, a branch or a branch of a remote, and the exact commit is told', async () => {
    const dir = cloned('--branch', 'topic');
    const { heads } = planted;
    const t2 = heads['t2'] ?? '';
    expect(await named(dir, 'HEAD')).toEqual({ kind: 'found', sha: t2, ref: null });
    expect(await named(dir, 'topic')).toEqual({ kind: 'found', sha: t2, ref: 'refs/heads/topic' });
    expect(await named(dir, t2)).toMatchObject({ sha: t2 });
    expect(await named(dir, t2.slice(0, 12))).toMatchObject({ sha: t2 });
    const ref = 'refs/remotes/origin/main';
    for (const name of ['origin/main', ref])
      expect(await named(dir, name)).toEqual({ kind: 'found', sha: heads['m4'], ref });
    expect(await named(dir, 'refs/tags/v1')).toMatchObject({ sha: heads['m3'] });
    expect(await namesInCheckout({ repo: await checkoutAt(dir) })).toEqual({
      kind: 'listed',
      names: ['topic', 'origin/main', 'origin/topic'],
    });
  });

  test.each(['main', 'v1', 'HEAD~1', 'topic^{tree}', '-x', 'a..b', '', 'refs/../HEAD', 'x\ny'])(
    '%j is unknown there',
    async (name) => {
      expect(await named(cloned('--branch', 'topic'), name)).toMatchObject({ kind: 'unknown-ref' });
    },
  );

  test('a whole object name that is not here is absent, not mistyped', async () => {
    expect(await named(cloned('--depth=1'), planted.heads['t2'] ?? '')).toMatchObject({ kind: 'absent' });
  });
});

describe('the state of a checkout', () => {
  test('is read from any directory in it, detached, bare and linked ones too', async () => {
    const dir = cloned();
    const whole = await checkoutAt(dir);
    expect(whole).toMatchObject({ isBare: false, shallow: [], isPartial: false, remotes: ['origin'] });
    expect(whole.head).toEqual({ sha: planted.heads['m4'], branch: 'main' });
    git(dir, 'checkout', '--quiet', '--detach', 'origin/topic');
    expect((await checkoutAt(dir)).head).toEqual({ sha: planted.heads['t2'], branch: null });
    const linked = join(scratch(), 'linked');
    git(dir, 'worktree', 'add', '--quiet', '-b', 'beside', linked, 'main');
    expect(await checkoutAt(linked)).toMatchObject({ objects: whole.objects, head: { branch: 'beside' } });
    expect(await checkoutAt(cloned('--bare'))).toMatchObject({ isBare: true, head: { branch: 'main' } });
  });

  test('is refused where no repository is, and of an unborn branch it has no head', async () => {
    expect(await readCheckout({ path: scratch() })).toMatchObject({ kind: 'refused' });
    expect(await readCheckout({ path: '/no/such/place' })).toMatchObject({ kind: 'refused' });
    const unborn = scratch();
    git(unborn, 'init', '--quiet');
    expect(await checkoutAt(unborn)).toMatchObject({ head: null });
  });

  test('is read without a word of its configuration being obeyed', async () => {
    const dir = cloned();
    const sign = join(dir, 'ran');
    writeFileSync(
      join(dir, '.git/config'),
      `[core]\nfsmonitor = touch ${sign}\nhooksPath = ${dir}\nsshCommand = touch ${sign}\n[uploadpack]\npackObjectsHook = touch ${sign}\n`,
      { flag: 'a' },
    );
    expect(await borrowed(dir, 'main', 'origin/topic')).toMatchObject({ kind: 'borrowed' });
    expect(() => readFileSync(sign)).toThrow('ENOENT');
  });
});

describe('a borrowed mirror', () => {
  test('answers as one that was fetched: where the two part, caught up, in a slot with its tags', async () => {
    const answer = await borrowed(cloned(), 'origin/main', 'origin/topic');
    if (answer.kind !== 'borrowed') throw new Error(JSON.stringify(answer));
    const { m2, m4 = '', t2 = '' } = planted.heads;
    const { repo } = answer;
    expect(await mergeBase({ repo, a: m4, b: t2 })).toMatchObject({ sha: m2 });
    const committer = { name: 'G', email: 'g@localhost' };
    const dir = join(scratch(), 'slot');
    const caught = await catchUp({ repo, dir, base: m4, head: t2, mode: 'rebase', committer });
    expect(caught).toMatchObject({ kind: 'caught-up' });
    expect(await checkoutSlot({ repo, dir, commit: m4 })).toMatchObject({ kind: 'ready' });
    expect(git(dir, 'describe')).toMatch(/^v1-1-/);
  });

  test('of a shallow clone is taken exactly when all commits between the two are there', async () => {
    const judged = async (depth: number) => {
      const dir = cloned(`--depth=${depth}`, '--no-single-branch');
      return (await borrowed(dir, 'origin/main', 'origin/topic')).kind;
    };
    expect(await Promise.all([1, 2, 3].map(judged))).toEqual(['too-little', 'too-little', 'borrowed']);
    const dir = cloned('--depth=3', '--no-single-branch');
    const answer = await borrowed(dir, 'origin/main', 'origin/topic');
    if (answer.kind !== 'borrowed') throw new Error(answer.kind);
    const slot = join(scratch(), 'slot');
    await checkoutSlot({ repo: answer.repo, dir: slot, commit: planted.heads['t2'] ?? '' });
    expect(git(slot, 'log', '--format=%H').split('\n')).toHaveLength(4);
  });

  test('of a partial clone without the content is told apart from one with it', async () => {
    const dir = cloned('--filter=blob:none', '--no-checkout');
    expect(await borrowed(dir, 'origin/main', 'origin/topic')).toEqual({ kind: 'too-little', lacks: 'objects' });
    git(dir, '-c', 'protocol.file.allow=always', 'fetch', '--quiet', '--refetch', '--no-filter', 'origin');
    expect(await borrowed(dir, 'origin/main', 'origin/topic')).toMatchObject({ kind: 'borrowed' });
  });

  test('has two branches that can stand beside each other, at commits', async () => {
    const checkout = await checkoutAt(cloned());
    const sha = planted.heads['m4'] ?? '';
    const make = (main: string, branch: string, at = sha) =>
      borrowCheckout({
        dir: join(scratch(), 'mirror'),
        checkout,
        main: { name: main, sha },
        branch: { name: branch, sha: at },
      });
    for (const names of [
      ['x', 'x'],
      ['x', 'x/y'],
      ['x/y', 'x'],
      ['-x', 'y'],
    ])
      expect(await make(names[0] ?? '', names[1] ?? '')).toMatchObject({ kind: 'refused' });
    const tree = planted.remote.git('rev-parse', `${sha}^{tree}`);
    expect(await make('x', 'y', tree)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('commit') });
    rmSync(join(checkout.objects, 'pack'), { recursive: true });
    expect((await make('x', 'y')).kind).not.toBe('borrowed');
  });
});

describe('what stands in a work tree and in no commit', () => {
  const leftIn = async (dir: string) => {
    const answer = await uncommittedPaths({ repo: await checkoutAt(dir), workTree: dir });
    return answer.kind === 'listed' ? answer.paths : answer;
  };

  test('is changed, staged, removed or new; ignored files are left out, and nothing is written', async () => {
    const dir = cloned();
    expect(await leftIn(dir)).toEqual([]);
    writeFileSync(join(dir, '.gitignore'), 'left-out\n');
    git(dir, 'add', '.gitignore');
    rmSync(join(dir, 'm'));
    for (const name of ['a new one', 'left-out']) writeFileSync(join(dir, name), 'x\n');
    const index = readFileSync(join(dir, '.git/index'));
    expect(await leftIn(dir)).toEqual(expect.arrayContaining(['.gitignore', 'm', 'a new one']));
    expect(await leftIn(dir)).toHaveLength(3);
    expect(readFileSync(join(dir, '.git/index'))).toEqual(index);
  });

  test('is told without running a filter of the repository', async () => {
    const dir = cloned();
    git(dir, 'config', 'filter.planted.clean', `touch ${dir}/ran; cat`);
    git(dir, 'config', 'filter.planted.required', 'true');
    writeFileSync(join(dir, '.git/info/attributes'), '* filter=planted\n');
    writeFileSync(join(dir, 'm'), 'y');
    expect(await leftIn(dir)).toEqual(['m']);
  });
});
