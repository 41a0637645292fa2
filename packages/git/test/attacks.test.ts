/**
 * The ways a repository could make git run something or lie are planted for real. For the slot, the mirror and the
 * replace ref, plain git is first shown to fall for the plant, so that those tests cannot pass on a broken trap.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  catchUp,
  changedPaths,
  checkoutSlot,
  commitLog,
  diffLines,
  fastForward,
  fetchMirror,
  type GitRepo,
  importCommit,
  newObjects,
  openMirror,
  pushBranch,
  readBlob,
  readObjects,
  rebaseOnto,
  removeSlot,
  resolveCommit,
} from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import { git, Planted, scratch } from './planted-repository.ts';

const committer = { name: 'Gatehouse', email: 'gate@example.test' };

async function mirrored(planted: Planted): Promise<GitRepo> {
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  return opened.repo;
}

/** A script that leaves a file behind when anything runs it. */
function trap(root: string): { readonly script: string; readonly sprung: () => string[]; readonly clear: () => void } {
  const marks = join(root, 'marks');
  mkdirSync(marks);
  const script = join(root, 'trap.sh');
  writeFileSync(script, `#!/bin/sh\necho "$0 $*" > "${marks}/$$"\ncat\n`);
  chmodSync(script, 0o755);
  return {
    script,
    sprung: () => readdirSync(marks).map((name) => readFileSync(join(marks, name), 'utf8')),
    clear: () => execFileSync('find', [marks, '-type', 'f', '-delete']),
  };
}

/** What a hostile clone or a test run could write into a git directory. */
function poison(gitDir: string, script: string): void {
  const settings: Record<string, string> = {
    'core.fsmonitor': script,
    'core.hooksPath': join(gitDir, 'planted-hooks'),
    'core.sshCommand': script,
    'core.pager': script,
    'core.editor': script,
    'core.askPass': script,
    'core.alternateRefsCommand': script,
    'diff.external': script,
    'diff.evil.textconv': script,
    'diff.evil.command': script,
    'filter.evil.smudge': script,
    'filter.evil.clean': script,
    'filter.evil.process': script,
    'merge.evil.driver': script,
    'uploadpack.packObjectsHook': script,
    'credential.helper': script,
    'gpg.program': script,
    'commit.gpgSign': 'true',
    'protocol.ext.allow': 'always',
    'remote.origin.url': `ext::${script}`,
    'remote.origin.promisor': 'true',
    'remote.origin.uploadpack': script,
    'url.ext::sh.insteadOf': '/',
    'gc.auto': '1',
    'maintenance.auto': 'true',
  };
  for (const [key, value] of Object.entries(settings)) git('/', `--git-dir=${gitDir}`, 'config', key, value);
  for (const directory of ['hooks', 'planted-hooks']) {
    mkdirSync(join(gitDir, directory), { recursive: true });
    for (const hook of [
      'post-checkout',
      'pre-rebase',
      'post-rewrite',
      'pre-commit',
      'commit-msg',
      'post-commit',
      'post-merge',
      'pre-push',
      'reference-transaction',
      'post-index-change',
      'pre-auto-gc',
      'prepare-commit-msg',
      'pre-merge-commit',
    ]) {
      writeFileSync(join(gitDir, directory, hook), `#!/bin/sh\nexec "${script}" </dev/null\n`, { mode: 0o755 });
    }
  }
}

const HOSTILE_ATTRIBUTES = '* filter=evil diff=evil merge=evil\n';

describe('nothing that a branch ships or a run plants is executed', () => {
  test('attributes, hooks and settings, on every operation of a slot', async () => {
    const planted = new Planted();
    const { script, sprung, clear } = trap(planted.root);
    const base0 = planted.commit({
      '.gitattributes': HOSTILE_ATTRIBUTES,
      a: '1\n',
      b: '1\n',
      'hooks/post-checkout': '#!/bin/sh\n',
    });
    const head = planted.branch('side').commit({
      a: '2\n',
      '.gitmodules': `[submodule "x"]\n\tpath = x\n\turl = ext::${script}\n\tupdate = !${script}\n`,
    });
    const clash = planted.branch('clash', base0).commit({ b: '3\n' });
    const base = planted.on('main').commit({ b: '2\n' });
    const repo = await mirrored(planted);
    const dir = join(planted.root, 'slot');

    await checkoutSlot({ repo, dir, commit: base0 });
    poison(join(dir, '.git'), script);
    git(dir, 'checkout', '--quiet', '--force', base);
    expect(sprung().length).toBeGreaterThan(0);
    clear();

    for (const gitDir of [`${dir}.git`, join(dir, '.git')]) poison(gitDir, script);
    expect(await checkoutSlot({ repo, dir, commit: head })).toMatchObject({ kind: 'ready' });
    for (const gitDir of [`${dir}.git`, join(dir, '.git')]) poison(gitDir, script);
    expect(await rebaseOnto({ repo, dir, base, head, mode: 'rebase', committer })).toMatchObject({ kind: 'caught-up' });
    poison(`${dir}.git`, script);
    expect(await rebaseOnto({ repo, dir, base, head, mode: 'merge', committer })).toMatchObject({ kind: 'caught-up' });
    poison(`${dir}.git`, script);
    expect(await rebaseOnto({ repo, dir, base, head: clash, mode: 'rebase', committer })).toEqual({
      kind: 'conflicted',
      paths: ['b'],
    });
    expect(await removeSlot({ dir })).toEqual({ kind: 'removed' });
    expect(sprung()).toEqual([]);
  });

  test('settings and hooks planted in the mirror, on every read, fetch, push and landing', async () => {
    const planted = new Planted();
    const { script, sprung, clear } = trap(planted.root);
    const base = planted.commit({ '.gitattributes': HOSTILE_ATTRIBUTES, a: '1\n' });
    const head = planted.branch('side').commit({ a: '2\n' });
    planted.git('checkout', '--quiet', '--detach');
    const repo = await mirrored(planted);
    // Everything but `url.*.insteadOf`, which changes where a fetch goes and which only our own file could hold.
    poison(repo.gitDir, script);
    git('/', `--git-dir=${repo.gitDir}`, 'config', '--unset-all', 'url.ext::sh.insteadOf');
    git('/', `--git-dir=${repo.gitDir}`, 'update-ref', 'refs/heads/proof', base);
    expect(sprung().length).toBeGreaterThan(0);
    clear();

    expect(await fetchMirror({ repo, url: planted.dir })).toMatchObject({ kind: 'fetched' });
    expect(await resolveCommit({ repo, ref: 'side' })).toMatchObject({ kind: 'found' });
    expect(await diffLines({ repo, base, head })).toMatchObject({ kind: 'diffed' });
    expect(await changedPaths({ repo, base, head })).toMatchObject({ paths: ['a'] });
    expect(await commitLog({ repo, base, head })).toMatchObject({ kind: 'listed' });
    expect(await newObjects({ repo, base, head })).toMatchObject({ kind: 'listed' });
    expect(await readBlob({ repo, commit: head, path: 'a' })).toMatchObject({ kind: 'found' });
    expect(await readObjects({ repo, oids: ['f'.repeat(40)], onObject: () => undefined })).toMatchObject({
      missing: ['f'.repeat(40)],
    });
    expect(await fastForward({ repo, ref: 'refs/heads/main', from: base, to: head })).toEqual({ kind: 'moved' });
    expect(await pushBranch({ repo, url: planted.dir, branch: 'side', commit: base, expected: head })).toEqual({
      kind: 'pushed',
    });
    expect(await openMirror({ dir: repo.gitDir, url: planted.dir })).toMatchObject({ kind: 'opened' });
    expect(git('/', `--git-dir=${repo.gitDir}`, 'config', '--list')).not.toContain(script);
    expect(existsSync(join(repo.gitDir, 'hooks'))).toBe(false);
    expect(sprung()).toEqual([]);
  });

  test('a merge driver planted in the mirror, on a catch-up without a work tree', async () => {
    const planted = new Planted();
    const { script, sprung, clear } = trap(planted.root);
    planted.commit({ a: '1\n2\n3\n4\n5\n6\n' });
    const head = planted.branch('side').commit({ a: 'one\n2\n3\n4\n5\n6\n' });
    const base = planted.on('main').commit({ a: '1\n2\n3\n4\n5\nsix\n' });
    const repo = await mirrored(planted);
    const dir = join(planted.root, 'slot');
    const plants = [
      () => writeFileSync(join(repo.gitDir, 'info/attributes'), '* merge=evil\n'),
      () => git('/', `--git-dir=${repo.gitDir}`, 'config', 'merge.default', 'evil'),
    ];
    for (const plant of plants) {
      mkdirSync(join(repo.gitDir, 'info'), { recursive: true });
      git('/', `--git-dir=${repo.gitDir}`, 'config', 'merge.evil.driver', script);
      plant();
      git('/', `--git-dir=${repo.gitDir}`, 'merge-tree', '--write-tree', base, head);
      expect(sprung().length).toBeGreaterThan(0);
      clear();
      const request = { repo, dir, base, head, mode: 'rebase', committer } as const;
      expect(await catchUp(request)).toMatchObject({ kind: 'caught-up', path: 'work-tree', why: 'settings' });
      expect(sprung()).toEqual([]);
      await openMirror({ dir: repo.gitDir, url: planted.dir });
      expect(await catchUp(request)).toMatchObject({ kind: 'caught-up', path: 'fast' });
    }
  });

  test('a clone that is imported from: its settings, hooks and promises to fetch later', async () => {
    const planted = new Planted();
    const { script, sprung } = trap(planted.root);
    planted.commit({ a: '1\n' });
    const repo = await mirrored(planted);
    const commit = planted.commit({ a: '2\n' });
    poison(join(planted.dir, '.git'), script);
    const from = { gitDir: join(planted.dir, '.git') };
    expect(await importCommit({ from, into: repo, commit, ref: 'refs/heads/work' })).toEqual({ kind: 'imported' });
    expect(sprung()).toEqual([]);
  });

  test('a bare repository inside the tree and an inherited environment', async () => {
    const planted = new Planted();
    const { script, sprung } = trap(planted.root);
    const inner = join(planted.dir, 'inner');
    git(planted.dir, 'init', '--quiet', '--bare', inner);
    poison(inner, script);
    const commit = planted.commit({ a: '1', 'inner/refs/keep': '', 'inner/objects/keep': '' });
    const repo = await mirrored(planted);
    const dir = join(planted.root, 'slot');
    const inherited = {
      GIT_DIR: inner,
      GIT_WORK_TREE: '/',
      GIT_SSH_COMMAND: script,
      GIT_EXTERNAL_DIFF: script,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.fsmonitor',
      GIT_CONFIG_VALUE_0: script,
      GIT_INDEX_FILE: join(inner, 'i'),
    };
    Object.assign(process.env, inherited);
    try {
      expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'ready' });
      expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'ready' });
      expect(await fastForward({ repo, ref: 'refs/heads/main', from: commit, to: commit })).toEqual({ kind: 'moved' });
    } finally {
      for (const name of Object.keys(inherited)) delete process.env[name];
    }
    expect(existsSync(join(dir, 'inner/config'))).toBe(true);
    expect(sprung()).toEqual([]);
  });

  test('urls that name a helper, an option, credentials or a relative place', async () => {
    const root = scratch();
    const { script, sprung } = trap(root);
    const commit = 'f'.repeat(40);
    const repo = { gitDir: join(root, 'none') };
    for (const url of [
      `ext::${script}`,
      `--upload-pack=${script}`,
      '-x',
      'fd::7',
      'relative/path',
      '../up',
      'git://host/x',
      `ssh://-oProxyCommand=${script}/x`,
      'https://user:secret@host/x',
      'https://user@host/x',
      'file://host/x',
      'x@-oProxyCommand=y:z',
      'https://host/x\nfile:///y',
      'https://',
      '',
      `https::${script}`,
      `a@b::${script}`,
    ]) {
      expect([url, (await openMirror({ dir: join(root, 'mirror'), url })).kind]).toEqual([url, 'refused']);
      expect([url, (await fetchMirror({ repo, url })).kind]).toEqual([url, 'git-failed']);
      expect([url, (await pushBranch({ repo, url, branch: 'x', commit, expected: null })).kind]).toEqual([
        url,
        'refused',
      ]);
    }
    expect(existsSync(join(root, 'mirror'))).toBe(false);
    expect(sprung()).toEqual([]);
  });
});

describe('nothing a repository holds makes git answer for something else', () => {
  test('replace refs planted in a mirror do not hide an object', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const head = planted.branch('side').commit({ secret: 'token' });
    const repo = await mirrored(planted);
    git('/', `--git-dir=${repo.gitDir}`, 'replace', head, base);
    expect(git('/', `--git-dir=${repo.gitDir}`, 'ls-tree', '--name-only', head)).toBe('a');
    expect(await readBlob({ repo, commit: head, path: 'secret' })).toMatchObject({ kind: 'found' });
    expect(await changedPaths({ repo, base, head })).toEqual({ kind: 'listed', paths: ['secret'] });
    expect(await openMirror({ dir: repo.gitDir, url: planted.dir })).toMatchObject({ kind: 'refused' });
  });

  test('a grafted mirror is refused', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const repo = await mirrored(planted);
    mkdirSync(join(repo.gitDir, 'info'), { recursive: true });
    writeFileSync(join(repo.gitDir, 'info/grafts'), `${base}\n`);
    expect(await openMirror({ dir: repo.gitDir, url: planted.dir })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('grafts'),
    });
  });

  test('branch names that read as options are given to no caller, and odd ones stay one name', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1' });
    const options = ['--output=x', '-x'];
    const odd = ['@a', '+a', '#a', 'html<img>', 'bidi\u202e', '$(id)', ';id'];
    for (const name of [...options, ...odd]) planted.git('update-ref', `refs/heads/${name}`, commit);
    const repo = await mirrored(planted);
    const fetched = await fetchMirror({ repo, url: planted.dir });
    expect(fetched).toMatchObject({ kind: 'fetched', heads: { main: commit } });
    expect(fetched.kind === 'fetched' && [...fetched.ignored].sort()).toEqual([...options].sort());
    for (const ref of options) expect((await resolveCommit({ repo, ref })).kind).toBe('unknown-ref');
    for (const ref of odd) expect(await resolveCommit({ repo, ref })).toMatchObject({ kind: 'found', sha: commit });
  });

  test('a tree that would write into .git is not checked out', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const blob = planted.git('rev-parse', 'HEAD:a');
    const raw = (name: string, mode: string, oid: string): Buffer =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]);
    const make = (body: Buffer): string =>
      execFileSync('git', ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], {
        cwd: planted.dir,
        input: body,
        encoding: 'utf8',
      }).trim();
    const tree = make(raw('.git', '40000', make(raw('config', '100644', blob))));
    const commit = planted.git('commit-tree', '-m', 'evil', tree);
    planted.git('update-ref', 'refs/heads/evil', commit);
    const repo = await mirrored(planted);
    const dir = join(planted.root, 'slot');
    expect(await checkoutSlot({ repo, dir, commit })).toMatchObject({ kind: 'git-failed', trouble: 'corrupt' });
    const into = { gitDir: join(planted.root, 'forge.git') };
    git(planted.root, 'init', '--quiet', '--bare', into.gitDir);
    const from = { gitDir: join(planted.dir, '.git') };
    expect(await importCommit({ from, into, commit, ref: 'refs/heads/evil' })).toMatchObject({
      kind: 'git-failed',
      trouble: 'corrupt',
    });
  });
});
