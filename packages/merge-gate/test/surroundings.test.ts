/** Main is not called red, and no branch is blamed, for what a checkout does not have: real submodules and LFS pointers. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutSlot } from '@gatehouse/git';
import { checkBranchMergeable, type MergeVerdict, mergeCheckVerdict } from '@gatehouse/merge-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findMissing } from '../src/find-surroundings.ts';
import { parseModules } from '../src/submodules.ts';
import { surroundingsWords } from '../src/surroundings.ts';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
});
afterEach(() => scratch.close());

type Changes = Parameters<ScratchRepository['request']>[1];
const judge = async (branch: string, changes: Changes = {}): Promise<MergeVerdict> =>
  checkBranchMergeable(await scratch.request(branch, changes), { lease: scratch.lease });
const ask = async (branch: string, changes: Changes = {}): Promise<CheckVerdict> =>
  mergeCheckVerdict(await judge(branch, changes), { base: '', head: '' });

/** A repository with one file, to be a submodule of. */
function library(): { readonly dir: string; readonly commit: string } {
  const dir = join(scratch.root, 'library');
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      encoding: 'utf8',
    }).trim();
  mkdirSync(dir);
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(dir, 'lib.txt'), 'lib\n');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'lib');
  return { dir, commit: git('rev-parse', 'HEAD') };
}

/** As `git submodule add` would, with an empty directory. */
function addSubmodule(branch: string, path: string): void {
  const { dir, commit } = library();
  scratch.commit(branch, {});
  mkdirSync(join(scratch.clone, path), { recursive: true });
  scratch.run('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`);
  scratch.commit(branch, { '.gitmodules': `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${dir}\n` });
}

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;

describe('submodules that are not checked out', () => {
  test('are named where main is red without them, and main is not called broken', async () => {
    addSubmodule('main', 'sub');
    scratch.commit('main', { 't/lib.sh': 'test -f sub/lib.txt\n' });
    scratch.commit('innocent', { 'a.txt': 'a\n' });
    expect(await ask('innocent')).toMatchObject({
      status: 'error',
      cause: 'tool-failed',
      reason: expect.stringMatching(
        /^the tests fail on main as well, but submodules are not checked out \(sub\): let test/,
      ),
    });
    expect(scratch.story.at(-1)).toBe('base red');
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('are there once the setup fetches them', async () => {
    addSubmodule('main', 'sub');
    scratch.commit('main', { 't/lib.sh': 'test -f sub/lib.txt\n' });
    scratch.commit('good', { 'a.txt': 'a\n' });
    const setup = 'git -c protocol.file.allow=always submodule --quiet update --init';
    expect(await ask('good', { policy: { ...POLICY, setup } })).toMatchObject({ status: 'pass' });
  });

  test('are named inside of one that the setup fetched without those', async () => {
    addSubmodule('main', 'sub');
    scratch.commit('main', { 't/lib.sh': 'test -f sub/deep/er/lib.txt\n' });
    scratch.commit('innocent', { 'a.txt': 'a\n' });
    const fetched = `printf '[submodule "er"]\\n\\tpath = deep/er\\n\\turl = ../er\\n' > sub/.gitmodules`;
    const setup = `mkdir -p sub/deep/er && ${fetched}`;
    expect(await ask('innocent', { policy: { ...POLICY, setup } })).toMatchObject({
      cause: 'tool-failed',
      reason: expect.stringMatching(/submodules are not checked out \(sub\/deep\/er\): .* --recursive/),
    });
  });

  test('excuse no branch that is red where main is green without them, and are named to its author', async () => {
    addSubmodule('main', 'sub');
    scratch.commit('bad', { 't/one.sh': 'false\n' });
    const verdict = await ask('bad');
    expect(verdict).toMatchObject({ status: 'fail', reason: expect.stringMatching(/^"t\/one\.sh" fails: red twice/) });
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({ rule: 'surroundings', message: expect.stringContaining('(sub)') }),
    );
  });

  test('that the branch adds blame nobody', async () => {
    addSubmodule('brings', 'sub');
    scratch.commit('brings', { 't/lib.sh': 'test -f sub/lib.txt\n' });
    expect(await ask('brings')).toMatchObject({
      status: 'error',
      cause: 'tool-failed',
      reason: expect.stringMatching(
        /^red with the branch, which adds what its tests may need, but submodules .*\(sub\)/,
      ),
      findings: [],
    });
  });

  test('are named beside a test command that was to come from one', async () => {
    addSubmodule('main', 'tools/ci');
    scratch.commit('any', { 'a.txt': 'a\n' });
    expect(await ask('any', { policy: { ...POLICY, command: 'tools/ci/run-tests' } })).toMatchObject({
      status: 'defer',
      cause: 'infra',
      reason: expect.stringContaining('submodules are not checked out (tools/ci)'),
    });
  });
});

describe('submodules that the policy fetches', () => {
  const policy = { ...POLICY, submodules: 'fetch' as const };

  test('are there before the setup, for main and branch alike, again in a slot that was used', async () => {
    addSubmodule('main', 'sub');
    scratch.commit('main', { 't/lib.sh': 'test -f sub/lib.txt && test -f from-setup\n' });
    scratch.commit('bad', { 't/one.sh': 'false\n' });
    const setup = 'cp sub/lib.txt from-setup';
    const verdict = await judge('bad', { policy: { ...policy, setup } });
    expect(verdict).toMatchObject({ kind: 'red' });
    expect(verdict).not.toMatchObject({ certificate: { surroundings: expect.anything() } });
    expect(scratch.story.filter((line) => line.startsWith('base'))).toContain('base green');
  });

  test('come from where base says, whatever the branch says', async () => {
    addSubmodule('main', 'sub');
    scratch.commit('main', { 't/lib.sh': 'test "$(cat sub/lib.txt)" = lib\n' });
    const own = '[submodule "sub"]\n\tpath = sub\n\turl = /elsewhere\n';
    scratch.commit('sly', { '.gitmodules': own });
    expect(await ask('sly', { policy })).toMatchObject({ status: 'pass' });
  });

  test('are named, and blame nobody, where base does not say from where', async () => {
    addSubmodule('brings', 'sub');
    scratch.commit('brings', { 't/lib.sh': 'test -f sub/lib.txt\n' });
    expect(await ask('brings', { policy })).toMatchObject({
      cause: 'tool-failed',
      reason: expect.stringMatching(/^red with the branch, which adds .*\(sub\)/),
    });
  });

  test.each([
    ['/srv/lib.git', true],
    ['https://example.org/lib.git', true],
    ['git@example.org:a/lib.git', true],
    ['../lib.git', false],
    ['ext::sh -c true', false],
    ['--upload-pack=true', false],
    ['https://example.org/a\u0001b', false],
  ])('an address such as %s is fetched from: %s', (url, isFetched) => {
    const modules = parseModules(
      `[submodule "it's"]\n\tpath = deep/it's\n\turl = ${url}\n[submodule "b"]\n\tpath = ../b\n\turl = /b\n`,
    );
    expect(modules).toEqual(isFetched ? [{ path: "deep/it's", url }] : []);
  });
});

describe('LFS pointers', () => {
  const ATTRIBUTES = { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' };

  test('are counted and named where main is red on them', async () => {
    scratch.commit('main', {
      ...ATTRIBUTES,
      'data/a.bin': POINTER,
      'data/b.bin': POINTER,
      'real.bin': 'x'.repeat(130),
    });
    scratch.commit('main', { 't/data.sh': 'test "$(wc -c < data/a.bin)" -eq 12345\n' });
    scratch.commit('innocent', { 'a.txt': 'a\n' });
    expect(await ask('innocent')).toMatchObject({
      cause: 'tool-failed',
      reason: expect.stringContaining('2 files are LFS pointers, not content (data/a.bin, data/b.bin)'),
    });
  });

  test('that the setup replaced leave main broken', async () => {
    scratch.commit('main', { ...ATTRIBUTES, 'data/a.bin': POINTER, 't/one.sh': 'false\n' });
    scratch.commit('innocent', { 'a.txt': 'a\n' });
    expect(await judge('innocent', { policy: { ...POLICY, setup: 'echo content > data/a.bin' } })).toMatchObject({
      kind: 'main-broken',
    });
  });

  test('are named without any attributes, too', async () => {
    scratch.commit('main', { 'a.bin': POINTER, 't/data.sh': 'test "$(wc -c < a.bin)" -eq 12345\n' });
    scratch.commit('innocent', { 'a.txt': 'a\n' });
    expect(await ask('innocent')).toMatchObject({
      cause: 'tool-failed',
      reason: expect.stringContaining('1 file is an LFS pointer, not content (a.bin)'),
    });
  });

  test('are none without the attribute, nor where something else stands that would block or lead outside', async () => {
    scratch.commit('main', { ...ATTRIBUTES, 'a.bin': POINTER, 'b.bin': POINTER, 'c.bin': POINTER });
    const plain = scratch.commit('plain', { '.gitattributes': '*.bin -text\n' });
    const { git, slotDir, base } = await scratch.request('plain');
    expect(await checkoutSlot({ repo: git, dir: slotDir, commit: base })).toMatchObject({ kind: 'ready' });
    execFileSync('sh', ['-c', 'rm a.bin b.bin; mkfifo a.bin; ln -s /dev/zero b.bin'], { cwd: slotDir });
    expect(await findMissing({ git, slotDir, commit: base })).toEqual({ submodules: [], pointers: ['c.bin'] });
    expect(await findMissing({ git, slotDir, commit: plain })).toEqual({ submodules: [], pointers: [] });
  });
});

describe('what a tool says that it did not find', () => {
  test.each([
    ['a remote', 'git push origin HEAD', /no remote `origin`/],
    ['a program', 'sh -c no-such-tool', /the program no-such-tool is not there/],
  ])('%s: main is not called red for it, and the next step is named', async (_what, line, words) => {
    scratch.commit('main', { 't/two.sh': `${line} || exit 1\n` });
    scratch.commit('innocent', { 'a.txt': 'a\n' });
    const verdict = await ask('innocent');
    expect(verdict).toMatchObject({ cause: 'tool-failed', reason: expect.stringMatching(words), findings: [] });
    expect(verdict.reason).not.toContain('main itself is red');
  });

  test('excuses no branch that says it where main is green', async () => {
    scratch.commit('bad', { 't/two.sh': 'git push origin HEAD || exit 1\n' });
    expect(await ask('bad')).toMatchObject({ status: 'fail' });
  });

  test('what the checkout gives is not missing: main, a branch to stand on, a name to commit under', async () => {
    const asks = 'git diff --quiet main...HEAD; git symbolic-ref -q HEAD && git commit -q --allow-empty -m x';
    scratch.commit('main', { 't/two.sh': `${asks}\n` });
    scratch.commit('innocent', {});
    scratch.commit('innocent', { 'a.txt': 'a\n' });
    expect(await ask('innocent')).toMatchObject({ status: 'pass' });
  });
});

describe('a setup that fails on main', () => {
  test('is what is named, and not the tests, unless the machine failed it', async () => {
    scratch.commit('any', { 'a.txt': 'a\n' });
    const own = await ask('any', { policy: { ...POLICY, setup: 'echo lockfile out of date; exit 1' } });
    expect(own).toMatchObject({
      cause: 'main-broken',
      reason: expect.stringMatching(/^the setup command fails on main itself .*lockfile out of date/),
    });
    const network = await ask('any', { policy: { ...POLICY, setup: 'echo "npm error code EAI_AGAIN"; exit 1' } });
    expect(network).toMatchObject({ status: 'defer', cause: 'infra', reason: expect.stringContaining('EAI_AGAIN') });
  });

  test('for want of a submodule says so', async () => {
    addSubmodule('main', 'sub');
    scratch.commit('any', { 'a.txt': 'a\n' });
    expect(await ask('any', { policy: { ...POLICY, setup: 'cat sub/lib.txt' } })).toMatchObject({
      cause: 'tool-failed',
      reason: expect.stringMatching(
        /^the setup command fails on main as well, but submodules are not checked out \(sub\)/,
      ),
    });
  });
});

test('paths are shown without what could deceive a reader, and not more than a few', () => {
  const submodules = ['a\nb', '\u001b[31mred', 'x\u202ey', ...Array.from({ length: 9 }, (_, at) => `m${at}`)];
  expect(surroundingsWords({ submodules, pointers: [] })).toMatch(
    /^submodules are not checked out \(a\?b, \?\[31mred, x\?y, m0, m1 and 7 more\)/,
  );
});
