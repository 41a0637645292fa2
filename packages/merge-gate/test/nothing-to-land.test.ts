/** Candidates that change nothing, what they come to, and that no record makes another commit land. */
import { checkBranchMergeable, type MergeVerdict, proveCandidate } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Files, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
});
afterEach(() => scratch.close());

const ask = async (branch: string): Promise<MergeVerdict> =>
  checkBranchMergeable(await scratch.request(branch), { lease: scratch.lease });

const onMain = (...args: readonly string[]): void => {
  scratch.run('checkout', '--quiet', 'main');
  scratch.run(...args);
  scratch.run('push', '--quiet', 'origin', 'main');
};

const FEATURE: Files = { 'README.md': 'one\nTWO\nthree\n' };

describe('a branch that changes nothing against main is told so', () => {
  const cases: readonly (readonly [string, object, () => void])[] = [
    ['it is main', { why: 'equal', commits: 0 }, () => onMain('push', '--quiet', 'origin', 'main:refs/heads/side')],
    [
      'main contains it',
      { why: 'contained', commits: 0 },
      () => {
        onMain('push', '--quiet', 'origin', 'main:refs/heads/side');
        scratch.commit('main', { 'more.txt': 'x\n' });
      },
    ],
    [
      'main has its commit',
      { why: 'on-main', commits: 1 },
      () => {
        const feature = scratch.commit('side', FEATURE);
        scratch.commit('main', { 'more.txt': 'x\n' });
        onMain('cherry-pick', feature);
      },
    ],
    [
      'main has all of its commits and improved one',
      { why: 'on-main', commits: 2 },
      () => {
        const feature = scratch.commit('side', FEATURE);
        const more = scratch.commit('side', { 'side.txt': 's\n' });
        scratch.commit('main', { 'more.txt': 'x\n' });
        onMain('cherry-pick', feature, more);
        scratch.commit('main', { 'README.md': 'one\nTWO, better\nthree\n' });
      },
    ],
    [
      'main has its commits as one',
      { why: 'on-main', commits: 2 },
      () => {
        scratch.commit('side', FEATURE);
        scratch.commit('side', { 'README.md': 'one\nTWO, then\nthree\n' });
        scratch.commit('main', { 'README.md': 'one\nTWO, then\nthree\n' });
      },
    ],
    [
      'its commits are empty',
      { why: 'no-change', commits: 2 },
      () => void [1, 2].map(() => scratch.commit('side', {})),
    ],
    [
      'its commits cancel one another out',
      { why: 'no-change', commits: 2 },
      () => {
        scratch.commit('side', FEATURE);
        scratch.commit('side', { 'README.md': 'one\ntwo\nthree\n' });
      },
    ],
    [
      'its commits cancel one another out, and the first of them conflicts with main',
      { why: 'no-change', commits: 2 },
      () => {
        scratch.commit('side', FEATURE);
        scratch.commit('side', { 'README.md': 'one\ntwo\nthree\n' });
        scratch.commit('main', { 'README.md': 'one\ntwo, other\nthree\n' });
      },
    ],
  ];
  test.each(cases)('%s', async (_, expected, plant) => {
    plant();
    expect(await ask('side')).toEqual({ kind: 'nothing-to-land', ...expected });
    expect(scratch.story).toEqual([]);
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('a main that moved meanwhile comes first: the branch is asked about again', async () => {
    onMain('push', '--quiet', 'origin', 'main:refs/heads/side');
    const request = await scratch.request('side', { watch: { base: 'refs/heads/main', head: 'refs/heads/side' } });
    scratch.commit('main', { 'more.txt': 'x\n' });
    await scratch.request('side');
    expect(await checkBranchMergeable(request, { lease: scratch.lease })).toMatchObject({ kind: 'base-moved' });
  });
});

test('a feature that main had and took back is tested and may land', async () => {
  const feature = scratch.commit('side', FEATURE);
  scratch.commit('main', { 'more.txt': 'x\n' });
  onMain('cherry-pick', feature);
  onMain('revert', '--no-edit', 'HEAD');
  const verdict = await ask('side');
  expect(verdict).toMatchObject({ kind: 'mergeable', warnings: [] });
  expect(scratch.run('-C', scratch.git.gitDir, 'show', `${(verdict as { tested: string }).tested}:README.md`)).toBe(
    'one\nTWO\nthree',
  );
});

test('a commit left out is named in a warning, and the rest may land', async () => {
  const feature = scratch.commit('side', FEATURE);
  scratch.commit('side', { 'side.txt': 's\n' });
  scratch.commit('main', { 'more.txt': 'x\n' });
  onMain('cherry-pick', feature);
  scratch.commit('main', { 'README.md': 'one\nTWO, better\nthree\n' });
  expect(await ask('side')).toMatchObject({
    kind: 'mergeable',
    warnings: [expect.stringContaining(`left-out: main has the change of ${feature.slice(0, 12)}`)],
  });
});

test('a branch of another history is its author’s to mend', async () => {
  scratch.run('checkout', '--quiet', '--orphan', 'alone');
  scratch.run('commit', '--quiet', '-m', 'from nowhere');
  scratch.run('push', '--quiet', 'origin', 'alone');
  expect(await ask('alone')).toEqual({ kind: 'unrelated-history' });
  expect(await scratch.leaseIsFree()).toBe(true);
});

describe('what is about to land is proven once more', () => {
  const prove = async (tested: string, branch = 'side'): ReturnType<typeof proveCandidate> => {
    const { git, slotDir, base, head } = await scratch.request(branch);
    return proveCandidate({ git, slotDir, base, head, tested });
  };

  test('the catch-up itself, made anew, is proven', async () => {
    const head = scratch.commit('side', FEATURE);
    expect(await prove(head)).toMatchObject({ kind: 'proven' });
    scratch.commit('main', { 'more.txt': 'x\n' });
    const verdict = await ask('side');
    expect(verdict).toMatchObject({ kind: 'mergeable' });
    const { tested, tree } = verdict as { tested: string; tree: string };
    expect(await prove(tested)).toEqual({ kind: 'proven', tree });
  });

  test('another commit, the head without main, and main itself are not', async () => {
    const head = scratch.commit('side', FEATURE);
    const other = scratch.commit('other', { 'other.txt': 'o\n' });
    const base = scratch.commit('main', { 'more.txt': 'x\n' });
    expect(await prove(other)).toMatchObject({ kind: 'differs', reason: expect.stringContaining('tree') });
    expect(await prove(head)).toMatchObject({ kind: 'differs' });
    expect(await prove(base)).toEqual({ kind: 'nothing-to-land' });
  });

  test('neither is a branch that conflicts or has no common commit', async () => {
    scratch.commit('side', FEATURE);
    const other = scratch.commit('other', { 'other.txt': 'o\n' });
    scratch.commit('main', { 'README.md': 'one\nmine\nthree\n' });
    expect(await prove(other)).toEqual({ kind: 'differs', reason: 'the branch conflicts with main in README.md' });
    scratch.run('checkout', '--quiet', '--orphan', 'alone');
    scratch.run('commit', '--quiet', '-m', 'from nowhere');
    scratch.run('push', '--quiet', 'origin', 'alone');
    expect(await prove(other, 'alone')).toMatchObject({
      kind: 'differs',
      reason: expect.stringContaining('in common'),
    });
  });

  test('what cannot be read proves nothing', async () => {
    scratch.commit('side', FEATURE);
    expect(['infra', 'tool-failed']).toContain((await prove('f'.repeat(40))).kind);
  });
});
