import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  checkoutSlot,
  fastForward,
  type GitRepo,
  gitVersion,
  isAncestor,
  listTree,
  mergeBase,
  newObjects,
  openMirror,
  readObjects,
  rebaseOnto,
  resolveCommit,
} from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import { Planted, scratch } from './planted-repository.ts';

async function mirrored(planted: Planted): Promise<GitRepo> {
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  return opened.repo;
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Stands for git; `body` is a shell script. */
function fakeGit(body: string): string {
  const path = join(scratch(), 'git');
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

/** What the operations answer to an unprivileged user, by question. */
function askUnprivileged(about: Readonly<Record<string, string>>): unknown {
  const child = fileURLToPath(new URL('./unprivileged.child.ts', import.meta.url));
  const args = ['--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning', child, JSON.stringify(about)];
  const as = { uid: 65_534, gid: 65_534, cwd: '/', env: { PATH: process.env['PATH'] ?? '' } };
  return JSON.parse(execFileSync(process.execPath, args, { ...as, encoding: 'utf8' }));
}

describe('git itself', () => {
  test('a git that was new enough once is not asked again at the next mirror; one that was too old is', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const asked = join(scratch(), 'asked');
    const note = `case "$*" in *" version"|version) echo x >> ${asked};; esac`;
    const fit = { url: planted.dir, gitPath: fakeGit(`${note}; exec git "$@"`) };
    for (const name of ['one', 'two']) {
      expect(await openMirror({ dir: join(planted.root, name), ...fit })).toMatchObject({ kind: 'opened' });
      expect(readFileSync(asked, 'utf8')).toBe('x\n');
    }
    const old = { url: planted.dir, gitPath: fakeGit(`${note}; echo git version 2.38.9`) };
    for (const lines of [2, 3]) {
      expect(await openMirror({ dir: join(planted.root, 'old'), ...old })).toMatchObject({ trouble: 'too-old' });
      expect(readFileSync(asked, 'utf8')).toBe('x\n'.repeat(lines));
    }
  });

  test('a git that is missing, forbidden, too old or something else is named so', async () => {
    expect(await gitVersion({ gitPath: '/nowhere/git' })).toMatchObject({ trouble: 'missing-git', code: null });
    expect(await gitVersion({ gitPath: fakeGit('echo git version 2.38.9') })).toMatchObject({ trouble: 'too-old' });
    expect(await gitVersion({ gitPath: fakeGit('echo git version 3.0.1') })).toMatchObject({
      kind: 'version',
      major: 3,
    });
    expect(await gitVersion({ gitPath: fakeGit('echo hello') })).toMatchObject({ trouble: 'other' });
    const forbidden = fakeGit('exit 0');
    chmodSync(forbidden, 0o644);
    expect(await gitVersion({ gitPath: forbidden })).toMatchObject({ trouble: 'denied' });
    const opened = await openMirror({
      dir: join(scratch(), 'm'),
      url: '/x',
      gitPath: fakeGit('echo git version 2.20.0'),
    });
    expect(opened).toMatchObject({ kind: 'git-failed', trouble: 'too-old' });
  });

  test('a deadline, a cancel and a kill are three different kinds of failure', async () => {
    const planted = new Planted();
    const head = planted.commit({ a: '1' });
    const repo = await mirrored(planted);
    const asked = { repo, ref: 'main' };
    expect(await resolveCommit({ ...asked, gitPath: fakeGit('exec sleep 60'), timeoutMs: 50 })).toMatchObject({
      trouble: 'timeout',
    });
    expect(await resolveCommit({ ...asked, gitPath: fakeGit('kill -9 $$') })).toMatchObject({ trouble: 'killed' });
    expect(await resolveCommit({ ...asked, signal: AbortSignal.abort() })).toMatchObject({ trouble: 'cancelled' });
    expect(
      await fastForward({ repo, ref: 'refs/heads/main', from: head, to: head, signal: AbortSignal.abort() }),
    ).toMatchObject({ trouble: 'cancelled' });
  });

  test('what git says is bounded, and its control characters do not travel', async () => {
    const gitPath = fakeGit('yes "$(printf "fatal: \\033[31mred")" | head -c 100000 >&2; exit 128');
    const answer = await gitVersion({ gitPath });
    expect(answer).toMatchObject({ kind: 'git-failed', code: 128, trouble: 'other' });
    const { stderr } = answer as { stderr: string };
    expect(stderr.length).toBeLessThanOrEqual(2048);
    expect(stderr).toContain('red');
    expect(stderr).not.toContain('\u001b');
  });

  test('messages of git stand for kinds of failure', async () => {
    const said: [string, string][] = [
      ['fatal: write error: No space left on device', 'disk-full'],
      ["fatal: Unable to create '/x/refs/heads/main.lock': File exists.", 'locked'],
      ["fatal: Unable to create '/x/index.lock': Permission denied", 'denied'],
      ['error: insufficient permission for adding an object to repository database /m/objects', 'denied'],
      ["fatal: unable to access 'https://h/x/': Could not resolve host: h", 'network'],
      ['git@h: Permission denied (publickey).', 'network'],
      ['fatal: detected dubious ownership in repository', 'denied'],
      ['error: object file .git/objects/ab/cd is empty', 'corrupt'],
      ['fatal: bad object 1234', 'missing-object'],
      ['something new', 'other'],
    ];
    for (const [message, trouble] of said) {
      const answer = await gitVersion({ gitPath: fakeGit(`echo "${message}" >&2; exit 128`) });
      expect([message, (answer as { trouble: string }).trouble]).toEqual([message, trouble]);
    }
  });
});

describe('a damaged disk', () => {
  test('a directory that is no repository is named so', async () => {
    expect(await resolveCommit({ repo: { gitDir: scratch() }, ref: 'main' })).toMatchObject({
      trouble: 'not-a-repository',
    });
    expect(await resolveCommit({ repo: { gitDir: '/nowhere' }, ref: 'main' })).toMatchObject({
      trouble: 'not-a-repository',
    });
  });

  test('a ref whose object vanished is missing-object, a truncated object is corrupt', async () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const head = planted.commit({ a: randomBytes(4000) });
    const blob = planted.git('rev-parse', 'HEAD:a');
    const repo = { gitDir: join(planted.dir, '.git') };
    const loose = (oid: string): string => join(repo.gitDir, 'objects', oid.slice(0, 2), oid.slice(2));
    chmodSync(loose(blob), 0o644);
    truncateSync(loose(blob), Math.floor(statSync(loose(blob)).size / 2));
    const torn = await readObjects({ repo, oids: [blob], onObject: () => undefined });
    expect(torn).toMatchObject({ kind: 'git-failed', trouble: 'corrupt' });
    const dir = join(planted.root, 'slot');
    expect(await checkoutSlot({ repo, dir, commit: head })).toMatchObject({ kind: 'git-failed', trouble: 'corrupt' });
    rmSync(loose(head));
    expect(await resolveCommit({ repo, ref: 'main' })).toMatchObject({ kind: 'git-failed', trouble: 'missing-object' });
    expect(await newObjects({ repo, base, head })).toMatchObject({ kind: 'git-failed', trouble: 'missing-object' });
  });

  test('a commit lost between two others never makes them unrelated', async () => {
    const planted = new Planted();
    const ancestor = planted.commit({ a: '1' });
    const lost = planted.commit({ a: '2' });
    const of = planted.commit({ a: '3' });
    const repo = { gitDir: join(planted.dir, '.git') };
    rmSync(join(repo.gitDir, 'objects', lost.slice(0, 2), lost.slice(2)));
    const failed = { kind: 'git-failed', trouble: 'missing-object', stderr: expect.stringContaining(lost) };
    expect(await isAncestor({ repo, ancestor, of })).toMatchObject(failed);
    expect(await mergeBase({ repo, a: ancestor, b: of })).toMatchObject(failed);
  });

  const closed = process.getuid?.() === 0 ? test : test.skip;
  closed('what only another user may read is denied, and neither missing nor unknown (as root)', () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const head = planted.commit({ a: '2', b: '2' });
    const gitDir = join(planted.dir, '.git');
    chmodSync(planted.root, 0o777);
    for (const name of readdirSync(join(gitDir, 'objects'))) {
      if (name.length === 2) chmodSync(join(gitDir, 'objects', name), 0o700);
    }
    const blob = planted.git('rev-parse', 'HEAD:a');
    const answers = askUnprivileged({ gitDir, base, head, blob, slot: join(planted.root, 'slot') });
    const denied = expect.stringMatching(/^git-failed denied .*\/objects\/..: Permission denied/);
    expect(answers).toEqual({
      commit: denied,
      branch: denied,
      ancestor: denied,
      fork: denied,
      changes: denied,
      objects: denied,
      'code tree': denied,
      slot: denied,
    });
  });

  closed('what is not there is missing, although what is being pushed is closed to others (as root)', () => {
    const planted = new Planted();
    const base = planted.commit({ a: '1' });
    const gitDir = join(planted.dir, '.git');
    chmodSync(planted.root, 0o777);
    mkdirSync(join(gitDir, 'objects', 'tmp_objdir-incoming-aBcDeF'), { mode: 0o700 });
    const lost = 'f'.repeat(40);
    const answers = askUnprivileged({ gitDir, base, head: lost, blob: lost, slot: join(planted.root, 'slot') });
    const missing = expect.stringMatching(/^git-failed missing-object /);
    expect(answers).toMatchObject({ commit: 'unknown-ref  ', ancestor: missing, fork: missing, 'code tree': missing });
  });

  test('a place that cannot be written is denied, and a full output is an error, never a short list', async () => {
    const planted = new Planted();
    const commit = planted.commit({ a: '1' });
    const file = join(planted.root, 'file');
    writeFileSync(file, '');
    expect(await openMirror({ dir: join(file, 'mirror'), url: planted.dir })).toMatchObject({
      kind: 'git-failed',
      trouble: 'denied',
    });
    const repo = await mirrored(planted);
    expect(await checkoutSlot({ repo, dir: join(file, 'slot'), commit })).toMatchObject({
      kind: 'git-failed',
      trouble: 'denied',
    });
    const flood = fakeGit('head -c 300000000 /dev/zero');
    expect(await listTree({ repo, commit, gitPath: flood })).toMatchObject({ kind: 'git-failed', trouble: 'other' });
  });

  test('a slot that a killed git left locked and half-written is ready again', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const head = planted.branch('side').commit({ b: '1' });
    const base = planted.on('main').commit({ c: '1' });
    const repo = await mirrored(planted);
    const dir = join(planted.root, 'slot');
    const committer = { name: 'G', email: 'g@example.test' };
    await checkoutSlot({ repo, dir, commit: base });
    writeFileSync(join(`${dir}.git`, 'index.lock'), '');
    mkdirSync(join(`${dir}.git`, 'rebase-merge'));
    writeFileSync(join(`${dir}.git`, 'MERGE_HEAD'), 'nonsense');
    writeFileSync(join(`${dir}.git`, 'shallow'), `${base}\n`);
    expect(await rebaseOnto({ repo, dir, base, head, mode: 'rebase', committer })).toMatchObject({ kind: 'caught-up' });
    writeFileSync(join(`${dir}.git`, 'index'), 'torn');
    expect(await checkoutSlot({ repo, dir, commit: head })).toMatchObject({ kind: 'ready' });
    expect(readdirSync(dir).sort()).toEqual(['.git', 'a', 'b']);
  });
});

test('a landing whose deadline passed leaves the child alive and names it', async () => {
  const planted = new Planted();
  const from = planted.commit({ a: '1' });
  const to = planted.branch('side').commit({ a: '2' });
  const repo = { gitDir: join(planted.dir, '.git') };
  const go = join(planted.root, 'go');
  const gitPath = fakeGit(
    `case "$*" in *update-ref*) while [ ! -e "${go}" ]; do sleep 0.05; done;; esac\nexec git "$@"`,
  );
  const late = await fastForward({ repo, ref: 'refs/heads/main', from, to, gitPath, timeoutMs: 8_000 });
  expect(late).toMatchObject({ kind: 'git-failed', trouble: 'timeout', pid: expect.any(Number) });
  const { pid } = late as { pid: number };
  expect(() => process.kill(pid, 0)).not.toThrow();
  writeFileSync(go, '');
  // Whatever becomes of the child, it ends.
  while (lives(pid)) await pause(10);
  expect(planted.git('rev-parse', 'main')).toBe(to);
  expect(existsSync(join(repo.gitDir, 'refs/heads/main.lock'))).toBe(false);
});

test('a landing without a free descriptor is not started, and nothing is thrown on the way', () => {
  const child = fileURLToPath(new URL('./no-descriptor.child.ts', import.meta.url));
  const node = [process.execPath, '--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning', child];
  const said = execFileSync('/bin/sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', ...node], { encoding: 'utf8' });
  expect(JSON.parse(said)).toMatchObject({ kind: 'not-started', errno: 'EMFILE' });
});
