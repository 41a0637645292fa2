import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BaseRunQueue,
  checkBranchMergeable,
  createBaseRunQueue,
  type MergeVerdict,
  memoryLease,
  runBase,
} from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { testWhole } from './faults/whole.ts';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
let base: BaseRunQueue;
let nowMs: number;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
  nowMs = Date.now();
  base = createBaseRunQueue({ now: () => nowMs });
});
afterEach(() => scratch.close());

const ask = async (branch: string, changes: Parameters<ScratchRepository['request']>[1] = {}): Promise<MergeVerdict> =>
  checkBranchMergeable(await scratch.request(branch, { slotDir: join(scratch.root, 'slots', branch), ...changes }), {
    lease: memoryLease(),
    base,
  });
const baseRuns = () => scratch.runs.filter(({ purpose }) => purpose === 'base');

/** Waits for a file that a command makes. */
async function made(path: string): Promise<void> {
  for (let left = 3000; !existsSync(path); left -= 1) {
    if (left === 0) throw new Error(`never made: ${path}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('red branches', () => {
  test('are blamed by runs of main of their own: a green from memory convicts no branch', async () => {
    for (const name of ['one', 'two']) scratch.commit(name, { 't/one.sh': `echo ${name}; false\n` });
    for (const name of ['one', 'two']) {
      const verdict = await ask(name);
      expect(verdict).toMatchObject({ kind: 'red', certificate: { baseRun: { purpose: 'base', outcome: 'green' } } });
    }
    expect(scratch.tally).toMatchObject({ 'base green': 10 });
  });

  test('on a broken main share the three red runs that show it, and no branch is blamed', async () => {
    scratch.commit('main', { 't/one.sh': 'false\n' });
    for (const name of ['one', 'two']) scratch.commit(name, { 'a.txt': name });
    for (const name of ['one', 'two'])
      expect(await ask(name)).toMatchObject({ kind: 'main-broken', certificate: { baseRun: { outcome: 'red' } } });
    expect(baseRuns()).toHaveLength(3);
  });

  test('ask main again when it moved, when the definition changed, and when the answer is too old', async () => {
    scratch.commit('main', { 't/one.sh': 'false\n' });
    scratch.commit('task', { 'a.txt': 'a\n' });
    await ask('task');
    await ask('task', { policy: { ...POLICY, minTests: 2 } });
    expect(baseRuns()).toHaveLength(6);
    nowMs = Date.now() + 900_001;
    await ask('task');
    expect(baseRuns()).toHaveLength(9);
    scratch.commit('main', { 'b.txt': 'b\n' });
    nowMs = Date.now();
    await ask('task');
    expect(baseRuns()).toHaveLength(12);
  });

  test('that come together run the base one at a time, and the second reuses the answer of the first', async () => {
    const [began, go] = [join(scratch.root, 'began'), join(scratch.root, 'go')];
    // Only main's own run executes this: the branches replace the file.
    scratch.commit('main', { 't/slow.sh': `touch "$BEGAN"; while [ ! -e "$GO" ]; do sleep 0.02; done; false\n` });
    for (const name of ['one', 'two']) scratch.commit(name, { 't/slow.sh': 'false\n' });
    const policy = { ...POLICY, setEnv: { BEGAN: began, GO: go } };
    const verdicts = [ask('one', { policy }), ask('two', { policy })];
    await made(began);
    writeFileSync(go, '');
    expect((await Promise.all(verdicts)).map(({ kind }) => kind)).toEqual(['main-broken', 'main-broken']);
    expect(baseRuns()).toHaveLength(3);
  });

  testWhole('of two bases do not run them beside each other', async () => {
    const folder = scratch.root;
    const exclusive = `mkdir "${folder}/inside" || touch "${folder}/beside"; sleep 0.3; rmdir "${folder}/inside"\n`;
    const requests = [];
    for (const name of ['one', 'two']) {
      scratch.commit('main', { 't/alone.sh': exclusive, 'n.txt': name });
      scratch.commit(name, { 't/alone.sh': 'false\n' });
      requests.push(await scratch.request(name, { slotDir: join(scratch.root, 'slots', name) }));
    }
    const verdicts = await Promise.all(
      requests.map((request) => checkBranchMergeable(request, { lease: memoryLease(), base })),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(['red', 'red']);
    expect(new Set(baseRuns().map(({ commit }) => commit)).size).toBe(2);
    expect(existsSync(join(folder, 'beside'))).toBe(false);
  });
});

describe('a base run that waited for two landings', () => {
  test('goes before the lease is taken again', async () => {
    scratch.commit('good', { 'a.txt': 'a\n' });
    const running = await base.acquire({ repo: 'acme/app' });
    const waiting = base.acquire({ repo: 'acme/app' });
    for (const _ of [1, 2]) base.landed('acme/app');
    const order: string[] = [];
    const verdict = ask('good').then(({ kind }) => order.push(kind));
    void waiting.then(() => order.push('base'));
    if (running.kind === 'yours') running.end();
    await verdict;
    expect(order).toEqual(['base', 'mergeable']);
  });

  test('does not delay a check that is called off', async () => {
    scratch.commit('good', { 'a.txt': 'a\n' });
    await base.acquire({ repo: 'acme/app' });
    void base.acquire({ repo: 'acme/app' });
    for (const _ of [1, 2]) base.landed('acme/app');
    const signal = AbortSignal.timeout(50);
    expect(await ask('good', { signal })).toMatchObject({ kind: 'infra' });
  });
});

describe('a probe of main', () => {
  const probe = async (more: Partial<Parameters<typeof runBase>[0]> = {}) => {
    const { repo, git, base: commit, slotDir, policy, onRun } = await scratch.request('main');
    return runBase(
      { repo, git, commit, slotDir, policy, purpose: 'probe', ...(onRun ? { onRun } : {}), ...more },
      base,
    );
  };

  test('is remembered like a base run, and a fresh one never reads the memory', async () => {
    scratch.commit('main', { 't/one.sh': 'false\n' });
    expect(await probe()).toMatchObject({ kind: 'red', remembered: false, run: { purpose: 'probe' } });
    expect(await probe()).toMatchObject({ kind: 'red', remembered: true });
    expect(await probe({ fresh: true })).toMatchObject({ kind: 'red', remembered: false });
    scratch.commit('task', { 'a.txt': 'a\n' });
    expect(await ask('task')).toMatchObject({ kind: 'main-broken' });
    expect(scratch.story).toEqual(['probe red', 'probe red', 'branch red', 'branch-again red']);
  });

  test('that ended by a machine fault is not remembered, and ends its turn', async () => {
    const policy = { ...POLICY, command: 'sleep 60', timeoutMs: 100 };
    expect(await probe({ policy })).toMatchObject({ kind: 'infra', run: { ending: 'timed-out' } });
    expect(await probe({ policy })).toMatchObject({ kind: 'infra' });
    expect(scratch.runs).toHaveLength(2);
  });
});

describe('a broken port', () => {
  const refuse = (): never => {
    throw new Error('the queue is gone');
  };

  test('blames no branch when there is no turn, and costs only a run when the memory fails', async () => {
    scratch.commit('task', { 't/one.sh': 'false\n' });
    const working = base;
    base = { ...working, acquire: async () => refuse(), waitForPriority: async () => refuse() };
    expect(await ask('task')).toMatchObject({ kind: 'infra', reason: expect.stringContaining('the queue is gone') });
    base = { ...working, lookup: async () => refuse(), record: async () => refuse() };
    expect(await ask('task')).toMatchObject({ kind: 'red' });
    expect(baseRuns()).toHaveLength(5);
  });
});
