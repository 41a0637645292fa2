import {
  checkBranchMergeable,
  type MergeVerdict,
  memoryLease,
  type ResultKey,
  type ResultPort,
} from '@gatehouse/merge-gate';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

/** What a store keeps: greens by key, forgotten for a tree that was ever red. */
class Memory implements ResultPort {
  readonly greens: ResultKey[] = [];
  readonly log: string[] = [];
  async lookup({ tree, gateDigest, envDigest }: ResultKey): Promise<'green' | 'none'> {
    const known = this.greens.some(
      (green) => green.tree === tree && green.gateDigest === gateDigest && green.envDigest === envDigest,
    );
    return known ? 'green' : 'none';
  }
  async record(key: ResultKey, outcome: 'green' | 'red' | 'flaky'): Promise<void> {
    this.log.push(outcome);
    if (outcome === 'green') this.greens.push(key);
    else this.greens.splice(0, this.greens.length, ...this.greens.filter(({ tree }) => tree !== key.tree));
  }
}

let scratch: ScratchRepository;
let results: Memory;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
  results = new Memory();
  scratch.commit('task', { 'a.txt': 'a\n' });
});
afterEach(() => scratch.close());

const ask = async (changes: Parameters<ScratchRepository['request']>[1] = {}, branch = 'task'): Promise<MergeVerdict> =>
  checkBranchMergeable(await scratch.request(branch, changes), { lease: memoryLease(), results });

test('the same question is asked once: a recorded first-try green is reused', async () => {
  expect(await ask()).toMatchObject({ evidence: { kind: 'first-try' } });
  expect(await ask()).toMatchObject({ kind: 'mergeable', evidence: { kind: 'remembered' } });
  expect(scratch.story).toEqual(['branch green']);
});

test('a result belongs to the tree: the same content by another commit needs no run', async () => {
  await ask();
  scratch.commit('twin', { 'a.txt': 'a\n' });
  expect(await ask({}, 'twin')).toMatchObject({ evidence: { kind: 'remembered' } });
});

test('another definition, another environment or another setup is another question', async () => {
  await ask();
  await ask({ policy: { ...POLICY, minTests: 2 } });
  await ask({ policy: { ...POLICY, setEnv: { MODE: 'x' } } });
  await ask({ policy: { ...POLICY, setup: 'true' } });
  expect(scratch.runs.filter(({ purpose }) => purpose === 'branch')).toHaveLength(4);
  expect(new Set(results.greens.map(({ gateDigest }) => gateDigest)).size).toBe(4);
  expect(new Set(results.greens.map(({ envDigest }) => envDigest)).size).toBe(3);
});

test('a lockfile is part of the environment', async () => {
  await ask();
  scratch.commit('locked', { 'package-lock.json': '{}\n' });
  await ask({}, 'locked');
  expect(new Set(results.greens.map(({ envDigest }) => envDigest)).size).toBe(2);
});

test('flaky is recorded and never remembered as green; any red forgets the greens of its tree', async () => {
  scratch.commit('task', { 't/flaky.sh': 'test -e "$STATE" || { touch "$STATE"; false; }\n' });
  const policy = { ...POLICY, setEnv: { STATE: `${scratch.root}/state` } };
  expect(await ask({ policy })).toMatchObject({ evidence: { kind: 'flaky' } });
  expect(results.log).toEqual(['red', 'flaky']);
  expect(results.greens).toEqual([]);
});

test('a validated tree that is already on top of main is not run again, unless the switch is off', async () => {
  expect(await ask({ validated: true })).toMatchObject({ evidence: { kind: 'validated' } });
  expect(scratch.story).toEqual([]);
  expect(await ask({ validated: true, switches: { skipWhenCurrent: false } })).toMatchObject({
    evidence: { kind: 'first-try' },
  });
});

test('validation says nothing about a combination with a newer main', async () => {
  scratch.commit('main', { 'b.txt': 'b\n' });
  expect(await ask({ validated: true })).toMatchObject({ evidence: { kind: 'first-try' } });
});
