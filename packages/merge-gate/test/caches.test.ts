/** Caches come from what has landed: a branch sees main's, and no other run sees a branch's. */
import { existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { checkBranchMergeable, type MergeVerdict, retestBranch, runBase } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cacheStoreOf } from '../src/cache-store.ts';
import { gateDigest } from '../src/digest.ts';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
});
afterEach(() => scratch.close());

/** Shows what the setup finds, and leaves the branch's own word for later runs. */
const policy = {
  ...POLICY,
  setup: 'mkdir -p "$HOME/.cache/tool"; echo "found: $(cat "$HOME/.cache/tool/"* 2>/dev/null | tr "\\n" " ")"',
  cache: ['~/.cache/tool'],
};
const leave = (word: string) => ({ 't/leave.sh': `echo ${word} > "$HOME/.cache/tool/${word}"\n` });

async function judge(branch: string): Promise<Extract<MergeVerdict, { readonly kind: 'mergeable' }>> {
  const verdict = await checkBranchMergeable(await scratch.request(branch, { policy }), { lease: scratch.lease });
  if (verdict.kind !== 'mergeable') throw new Error(JSON.stringify(verdict));
  await scratch.lease.release(verdict.proof);
  return verdict;
}

/** What the setups found, in the order of the runs. */
const found = (): readonly string[] =>
  scratch.runs.filter(({ purpose }) => purpose === 'setup').map(({ excerpt = '' }) => excerpt.trim());

describe('what a branch leaves', () => {
  test('is seen by no other branch before it lands, and by the next ones afterwards', async () => {
    scratch.commit('first', leave('one'));
    scratch.commit('second', { 'a.txt': 'a\n' });
    const first = await judge('first');
    await judge('second');
    scratch.land(first.tested);
    scratch.commit('third', { 'b.txt': 'b\n' });
    const third = await judge('third');
    expect(found()).toEqual(['found:', 'found:', 'found: one']);
    expect(third.warnings).toEqual([]);
  });

  test('never reaches the runs of main, whatever it wrote over in its copy', async () => {
    scratch.commit('main', leave('good'));
    const request = await scratch.request('main', { policy });
    const { git, slotDir, onRun, base } = request;
    const ask = () => runBase({ git, slotDir, policy, repo: 'acme/app', commit: base, ...(onRun ? { onRun } : {}) });
    expect(await ask()).toMatchObject({ kind: 'green' });
    scratch.commit('hostile', {
      't/poison.sh': 'echo poison > "$HOME/.cache/tool/good"; : > "$HOME/.cache/tool/new"\n',
    });
    await judge('hostile');
    await judge('hostile');
    expect(await ask()).toMatchObject({ kind: 'green' });
    expect(found()).toEqual(['found:', 'found: good', 'found: good', 'found: good']);
  });

  test('is not kept where no landed commit is known, nor where the policy names no cache', async () => {
    const head = scratch.commit('any', leave('one'));
    const { git, slotDir } = await scratch.request('any');
    expect(await retestBranch({ git, slotDir, commit: head, policy })).toMatchObject({ kind: 'green' });
    const { cache, ...without } = policy;
    expect(cache).toHaveLength(1);
    expect(await retestBranch({ git, slotDir, commit: head, base: head, policy: without })).toMatchObject({
      kind: 'green',
    });
    expect(existsSync(cacheStoreOf(git.gitDir))).toBe(false);
  });
});

test('a store keeps the newest landed cache and a few that wait, and no half of one that a killed process left', async () => {
  scratch.commit('main', leave('good'));
  const { git, slotDir, base } = await scratch.request('main', { policy });
  await runBase({ git, slotDir, policy, repo: 'acme/app', commit: base });
  const store = cacheStoreOf(git.gitDir);
  const waiting = ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(40));
  for (const [at, name] of waiting.entries()) {
    mkdirSync(join(store, name));
    utimesSync(join(store, name), 2_000_000_000 + at, 2_000_000_000 + at);
  }
  mkdirSync(join(store, 'new-abcdef'));
  utimesSync(join(store, 'new-abcdef'), 1, 1);
  await runBase({ git, slotDir, policy, repo: 'acme/app', commit: base });
  expect(readdirSync(store).sort()).toEqual([...waiting.slice(2), base].sort());
});

test('another list of caches is another definition, and none is the definition of before', () => {
  const { cache, ...without } = policy;
  expect(gateDigest({ ...without, cache: [] })).toBe(gateDigest(without));
  expect(gateDigest({ ...without, cache })).not.toBe(gateDigest(without));
  expect(gateDigest({ ...without, cache: ['b', 'a'] })).toBe(gateDigest({ ...without, cache: ['a', 'b'] }));
});
