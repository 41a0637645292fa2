import { join } from 'node:path';
import {
  fastForward,
  fetchMirror,
  type GitRepo,
  importCommit,
  openMirror,
  pushBranch,
  resolveCommit,
  validateRefName,
} from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { git, Planted } from './planted-repository.ts';

async function mirrored(planted: Planted): Promise<GitRepo> {
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  return opened.repo;
}

/** What dependency bots and trackers call their branches, and what tempts a parser of refspecs. */
const SIGNED = [
  'dependabot/npm_and_yarn/@types/node-22.1',
  'renovate/left-pad@1.3.0',
  'feature/#123-title',
  'feature/c++-bindings',
  'x/+refs',
  'x/@',
  'a@',
  'a#',
];

/** What people write in other languages, and what a shell, a parser or a terminal would trip over. */
const FOREIGN = [
  'fix/größe',
  '機能/追加',
  'тест/ветка',
  'emoji/🚂',
  'brackets/](){}<>',
  'quotes/"\'`$;&|!%=,',
  '#1',
  '+a',
  '@/a',
  '{x}',
  'no\u00a0break',
  'bidi/\u202egnp.x',
  'zero\u200bwidth',
  'c1/\u0085\u009b31m',
];

/** Why a name is refused that git would take. */
const OURS = /reads as (?:an object name|HEAD)|git already uses|bytes$/;

describe('branch names', () => {
  test('ordinary names are valid', () => {
    for (const name of ['main', 'feature/ABC-1-title', 'a', 'v1.2', 'x_y', '0', 'a/b/c', ...SIGNED, ...FOREIGN]) {
      expect(validateRefName(name)).toEqual({ kind: 'valid', name });
    }
  });

  test('names of every kind go the whole way: fetched, resolved, pushed, landed', async () => {
    const planted = new Planted();
    const first = planted.commit({ a: '1' });
    const second = planted.branch('next').commit({ a: '2' });
    const names = [...SIGNED, ...FOREIGN.filter((name) => /[[\]"🚂\u202e\u00a0\u0085]/u.test(name))];
    for (const name of names) planted.git('update-ref', `refs/heads/${name}`, first);
    const repo = await mirrored(planted);
    const fetched = await fetchMirror({ repo, url: planted.dir });
    const source = { gitDir: join(planted.dir, '.git') };
    for (const name of names) {
      expect(fetched.kind === 'fetched' && fetched.heads[name]).toBe(first);
      expect(await resolveCommit({ repo, ref: name })).toMatchObject({ kind: 'found', sha: first });
      const push = { repo, url: planted.dir, branch: name, commit: second };
      expect(await pushBranch({ ...push, expected: second })).toEqual({ kind: 'moved', found: first });
      expect(await pushBranch({ ...push, expected: first })).toEqual({ kind: 'pushed' });
      expect(await pushBranch({ ...push, commit: first, expected: second })).toEqual({ kind: 'pushed' });
      const ref = `refs/heads/${name}`;
      expect(await fastForward({ repo: source, ref, from: first, to: second })).toEqual({ kind: 'moved' });
      expect(await importCommit({ from: source, into: repo, commit: second, ref })).toEqual({ kind: 'imported' });
      expect(planted.git('rev-parse', ref)).toBe(second);
    }
    expect(planted.git('for-each-ref', '--format=%(refname)', 'refs/heads').split('\n')).toHaveLength(names.length + 2);
  });

  test('names that mean something else somewhere are not', () => {
    for (const name of [
      '--output=x',
      '-x',
      'a..b',
      'a@{1}',
      'a@{',
      '@',
      '+main:main',
      'a+b.lock',
      'a//b',
      'a.lock',
      'a.lock/b',
      '/a',
      'a/',
      'a.',
      'a/.b',
      '.a',
      'a b',
      'a\nb',
      'a\0',
      'a:b',
      'a~1',
      'a^',
      'a?',
      'a*',
      'a[',
      'a\\b',
      'HEAD',
      'refs/heads/a',
      'f'.repeat(40),
      'a'.repeat(251),
      `${'a/'.repeat(500)}ab`,
      '\ud800',
      '',
      null,
      7,
      {},
      ['a'],
    ]) {
      expect([name, validateRefName(name).kind]).toEqual([name, 'invalid']);
    }
  });

  test('what is valid here is what git accepts as a branch, but for names that read as something else', () => {
    const accepts = (name: string): boolean => {
      try {
        return git('/', 'check-ref-format', '--branch', name) === name;
      } catch {
        return false;
      }
    };
    const compare = (name: string): void => {
      const verdict = validateRefName(name);
      if (verdict.kind === 'invalid' && OURS.test(verdict.reason)) return;
      expect([name, verdict.kind === 'valid']).toEqual([name, accepts(name)]);
    };
    const piece = fc.constantFrom(
      ...'aZ0-_./+#@{}~^:?*[]\\"\'`$ !\u0001\u007f\u0085é機🚂\u202e\u200b',
      '..',
      '@{',
      '.lock',
      'HEAD',
      '//',
    );
    const name = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join('').trim());
    for (const each of ['@', '-a', 'HEAD', 'a.lock', 'a.LOCK', 'x/HEAD', 'a./b', 'a.b', ...FOREIGN]) compare(each);
    // A third, but where CI demands every tool all of them: each asks git in a process of its own.
    fc.assert(fc.property(name, compare), { numRuns: process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? 150 : 50 });
  });

  test('a name protected on a remote that ignores case or width is protected in that spelling', async () => {
    const planted = new Planted();
    const first = planted.commit({ a: '1' });
    const repo = await mirrored(planted);
    for (const branch of ['main', 'MAIN', 'ma\u200bin', 'Ma\ufe0fster'])
      expect(await pushBranch({ repo, url: planted.dir, branch, commit: first, expected: null })).toMatchObject({
        kind: 'refused',
      });
  });
});
