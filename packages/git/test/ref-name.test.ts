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

describe('branch names', () => {
  test('ordinary names are valid', () => {
    for (const name of ['main', 'feature/ABC-1-title', 'a', 'v1.2', 'x_y', '0', 'a/b/c', ...SIGNED]) {
      expect(validateRefName(name)).toEqual({ kind: 'valid', name });
    }
  });

  test('names with +, # and @ go the whole way: fetched, resolved, pushed, landed', async () => {
    const planted = new Planted();
    const first = planted.commit({ a: '1' });
    const second = planted.branch('next').commit({ a: '2' });
    for (const name of SIGNED) planted.git('update-ref', `refs/heads/${name}`, first);
    const repo = await mirrored(planted);
    const fetched = await fetchMirror({ repo, url: planted.dir });
    const source = { gitDir: join(planted.dir, '.git') };
    for (const name of SIGNED) {
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
    expect(planted.git('for-each-ref', '--format=%(refname)', 'refs/heads').split('\n')).toHaveLength(
      SIGNED.length + 2,
    );
  });

  test('names that mean something else somewhere are not', () => {
    for (const name of [
      '--output=x',
      '-x',
      'a..b',
      'a@{1}',
      'a@{',
      '@',
      '@/a',
      '+a',
      '+main:main',
      '#a',
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
      '\u202ea',
      '<b>',
      'HEAD',
      'refs/heads/a',
      'f'.repeat(40),
      'a'.repeat(202),
      '',
      'ä',
      'a\u200b',
      null,
      7,
      {},
      ['a'],
    ]) {
      expect([name, validateRefName(name).kind]).toEqual([name, 'invalid']);
    }
  });

  test('what is valid here, git accepts as a branch', () => {
    const valid = fc
      .stringMatching(/^[A-Za-z0-9._/+#@{-]{1,12}$/)
      .filter((name) => validateRefName(name).kind === 'valid');
    fc.assert(
      fc.property(valid, (name) => git('/', 'check-ref-format', '--branch', name) === name),
      { numRuns: 60 },
    );
  });
});
