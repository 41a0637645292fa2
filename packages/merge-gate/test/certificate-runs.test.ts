/** Certificates made of real runs: the failing tests alone where the runner can, whole suites elsewhere. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkBranchMergeable,
  createBaseRunQueue,
  type MergeVerdict,
  memoryLease,
  type TestPolicy,
} from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isWhole, testWhole } from './faults/whole.ts';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = await ScratchRepository.open({ 'f.mjs': 'export const a = 1, b = 1;\n', 'f.test.mjs': SUITE });
});
afterEach(() => scratch.close());

const SUITE = `import { test } from 'node:test';
import assert from 'node:assert';
import { a, b } from './f.mjs';
test('a is one', () => assert.equal(a, 1));
test('b is one', () => assert.equal(b, 1));
`;

const ONE_PROCESS = 'node --test --test-isolation=none';

const ask = async (branch: string, command = ONE_PROCESS): Promise<MergeVerdict> =>
  checkBranchMergeable(await scratch.request(branch, { policy: { ...POLICY, command } }), { lease: memoryLease() });

/** Runs of the whole suite. */
const whole = () => scratch.runs.filter(({ purpose }) => ['branch', 'branch-again', 'base'].includes(purpose));

describe('a suite whose tests can be run by name', () => {
  test('is run whole three times, and the failing test alone until the bound is reached', async () => {
    scratch.commit('red', { 'f.mjs': 'export const a = 1, b = 2;\n' });
    const verdict = await ask('red');
    expect(verdict).toMatchObject({ kind: 'red', certificate: { failing: ['b is one'], runs: { full: 3 } } });
    if (verdict.kind === 'red') expect(verdict.certificate.bound).toBeLessThanOrEqual(0.001);
    expect(whole()).toHaveLength(3);
    const alone = scratch.runs.filter(({ purpose }) => purpose === 'branch-tests');
    expect(alone.map(({ tests }) => tests?.failed)).toEqual(alone.map(() => ['b is one']));
  });

  testWhole('is asked about its tests: a threshold that a selection cannot reach says nothing of them', async () => {
    scratch.commit('red', { 'f.mjs': 'export const a = 1, b = 2;\n' });
    const whole = 'grep -q "tests 2" log || exit 3';
    const verdict = await ask('red', `node --test > log; status=$?; cat log; ${whole}; exit $status`);
    expect(verdict).toMatchObject({ kind: 'red', certificate: { failing: ['b is one'], runs: { full: 3 } } });
  });

  testWhole('tells a branch that mends one test of main what it breaks', async () => {
    scratch.commit('main', { 'f.mjs': 'export const a = 2, b = 1;\n' });
    scratch.commit('mender', { 'f.mjs': 'export const a = 1, b = 2;\n' });
    expect(await ask('mender')).toMatchObject({ kind: 'red', certificate: { failing: ['b is one'] } });
  });

  test('what main fails too hides nothing that the branch breaks, and is not blamed on it', async () => {
    scratch.commit('main', { 'f.mjs': 'export const a = 2, b = 1;\n' });
    scratch.commit('breaks', { 'f.mjs': 'export const a = 2, b = 2;\n' });
    scratch.commit('innocent', { 'x.md': 'x\n' });
    expect(await ask('breaks')).toMatchObject({ kind: 'red', certificate: { failing: ['b is one'] } });
    expect(await ask('innocent')).toMatchObject({ kind: 'main-broken' });
  });

  test('a test that main does not have is compared with nothing, and told', async () => {
    scratch.commit('adds', { 'g.test.mjs': "import { test } from 'node:test'; test('new', () => { throw 1; });\n" });
    expect(await ask('adds')).toMatchObject({ kind: 'red', certificate: { failing: ['new'] } });
  });

  test('a test that fails only after another one is found by whole runs', async () => {
    const polluted = `${SUITE}test('c sees it', () => assert.equal(globalThis.left, undefined));\n`;
    scratch.commit('main', { 'f.test.mjs': polluted });
    scratch.commit('pollutes', {
      'f.test.mjs': polluted.replace(
        "test('b is one', () =>",
        "test('b is one', () => { globalThis.left = 1; }, () =>",
      ),
    });
    expect(await ask('pollutes')).toMatchObject({
      kind: 'red',
      certificate: { failing: ['c sees it'], runs: { full: 10 } },
    });
  });
});

const isOldHere = spawnSync('node20', ['--version']).status === 0;
const named = isOldHere || isWhole ? '' : ' [skipped: no node20 here]';

(named === '' ? describe : describe.skip)(`a Node that takes no selection as a variable${named}`, () => {
  const oldNode = (): string => {
    const dir = join(scratch.root, 'old');
    mkdirSync(dir);
    const { stdout } = spawnSync('sh', ['-c', 'command -v node20'], { encoding: 'utf8' });
    symlinkSync(stdout.trim(), join(dir, 'node'));
    return `${dir}:${process.env['PATH']}`;
  };
  const askWith = async (policy: Partial<TestPolicy>): Promise<MergeVerdict> => {
    scratch.commit('red', { 'f.mjs': 'export const a = 1, b = 2;\n' });
    const setEnv = { PATH: oldNode() };
    const request = await scratch.request('red', { policy: { ...POLICY, ...policy, setEnv } });
    return checkBranchMergeable(request, { lease: memoryLease() });
  };
  const alone = () => scratch.runs.filter(({ purpose }) => /-tests$/.test(purpose));

  test('is asked once, and then whole runs tell: what did not start is no run of theirs', async () => {
    const verdict = await askWith({ command: 'node --test f.test.mjs' });
    expect(verdict).toMatchObject({
      kind: 'red',
      certificate: { failing: ['b is one'], runs: { full: 10, single: 0 } },
    });
    expect(alone().map(({ outcome }) => outcome)).toEqual(['red']);
    expect(whole()).toHaveLength(10);
  });

  test('the selection is for the command alone: a setup that starts Node does not see it', async () => {
    await askWith({ setup: 'node -e 0', command: 'node --test f.test.mjs' });
    const setups = scratch.runs.filter(({ purpose }) => purpose === 'setup');
    expect(setups.filter(({ outcome }) => outcome !== 'green')).toEqual([]);
    expect(alone()).toHaveLength(1);
  });
});

describe('while main is known to fail a test that can be run alone', () => {
  testWhole(
    'branches that leave it red step aside after that test, and the one that mends it is judged and lands',
    async () => {
      const base = createBaseRunQueue();
      const lease = memoryLease();
      const inLine = async (branch: string) => {
        const request = await scratch.request(branch, { policy: { ...POLICY, command: ONE_PROCESS } });
        const verdict = await checkBranchMergeable(request, { lease, base });
        if (verdict.kind === 'mergeable') await lease.release(verdict.proof);
        return { verdict, runs: scratch.runs.splice(0).map(({ purpose }) => purpose) };
      };
      scratch.commit('main', { 'f.mjs': 'export const a = 2, b = 1;\n' });
      for (const name of ['one', 'two']) scratch.commit(name, { [`${name}.md`]: 'x\n' });
      scratch.commit('mender', { 'f.mjs': 'export const a = 1, b = 1;\n' });
      scratch.commit('breaker', { 'f.mjs': 'export const a = 1, b = 2;\n' });
      expect((await inLine('one')).verdict.kind).toBe('main-broken');
      const second = await inLine('two');
      expect(second).toMatchObject({ verdict: { kind: 'main-broken', certificate: { runs: { full: 0, single: 1 } } } });
      expect(second.runs).toEqual(['branch-tests']);
      expect(await inLine('mender')).toMatchObject({
        verdict: { kind: 'mergeable' },
        runs: ['branch-tests', 'branch'],
      });
      expect((await inLine('breaker')).verdict).toMatchObject({ kind: 'red', certificate: { failing: ['b is one'] } });
    },
  );
});

describe('a suite that is unsteady', () => {
  const counting = (body: string) =>
    `n=$(cat ${scratch.root}/n 2>/dev/null || echo 0); echo $((n + 1)) > ${scratch.root}/n; ${body}`;

  test('red twice and green at the third run blames no branch', async () => {
    scratch.commit('docs', { 'x.md': 'x\n' });
    const verdict = await ask(
      'docs',
      counting('echo 1..1; [ $n -ge 2 ] && echo "ok 1 - net" || { echo "not ok 1 - net"; exit 1; }'),
    );
    expect(verdict).toMatchObject({ kind: 'infra', reason: expect.stringContaining('unproven-red') });
  });

  test('a guilty branch on a main that fails now and then is put off, never blamed on less', async () => {
    scratch.commit('bad', { 'bad.txt': 'x\n' });
    const command = counting('test -e bad.txt && exit 1; test $((n % 3)) -ne 0');
    const verdict = await ask('bad', command);
    expect(verdict).toMatchObject({ kind: 'infra', reason: expect.stringMatching(/^unproven-red: \d+ whole runs/) });
    expect(whole().length).toBeLessThanOrEqual(10);
  });
});
