/** Fewer tests than main runs: told, or refused; and a count that main had and the branch lost. */
import { checkBranchMergeable, type MergeVerdict, memoryLease, memoryTests } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
});
afterEach(() => scratch.close());

const tests = memoryTests();
const ask = async (branch: string, policy: Partial<typeof POLICY> = {}): Promise<MergeVerdict> =>
  checkBranchMergeable(await scratch.request(branch, { policy: { ...POLICY, ...policy } }), {
    lease: memoryLease(),
    tests,
  });

/** Main as a landing leaves it: its tree was the tested one, and is remembered with its count. */
async function landed(policy: Partial<typeof POLICY> = {}): Promise<void> {
  scratch.commit('before', { 'a.txt': 'a\n' });
  const verdict = await ask('before', policy);
  if (verdict.kind === 'mergeable') scratch.land(verdict.tested);
}

test('a branch that runs fewer tests than main is told so, and kept out where the policy says it', async () => {
  await landed();
  scratch.commit('deletes', { 't/two.sh': null }, 'before');
  expect(await ask('deletes')).toMatchObject({
    kind: 'mergeable',
    warnings: ['tests-fell: main runs 2 tests, the branch 1'],
  });
  await landed({ fewerTests: 'block' });
  expect(await ask('deletes', { fewerTests: 'block' })).toEqual({ kind: 'tests-fell', onMain: 2, ran: 1 });
});

test('as many tests are no finding, nor is anything where main was never counted', async () => {
  scratch.commit('fewer', { 't/two.sh': null });
  expect(await ask('fewer')).toMatchObject({ kind: 'mergeable', warnings: [] });
  await landed();
  scratch.commit('same', { 'b.txt': 'b\n' }, 'before');
  expect(await ask('same')).toMatchObject({ kind: 'mergeable', warnings: [] });
});

test('a count that main had and the branch does not is suspected whatever the runner is', async () => {
  const command = `test -e quiet.txt || { ${POLICY.command}; }`;
  await landed({ command });
  scratch.commit('quiet', { 'quiet.txt': 'x\n' }, 'before');
  expect(await ask('quiet', { command })).toMatchObject({ kind: 'red', certificate: { lostCount: true } });
});

describe('where main was never counted', () => {
  const main = (body: string) =>
    `import test from 'node:test';\ntest('one', () => {});\ntest('two', () => {});\n${body}`;
  const suite = async (branch: string): Promise<MergeVerdict> =>
    checkBranchMergeable(
      await scratch.request(branch, { policy: { ...POLICY, command: `${process.execPath} --test` } }),
      { lease: memoryLease() },
    );

  test.each([
    ['a test is taken out', "import test from 'node:test';\ntest('one', () => {});\n"],
    ['a test is passed over', main('').replace("test('two'", "test.skip('two'")],
    [
      'the process is ended',
      main('').replace("test('two', () => {});", "if (process.env.NEVER)\n  test('two', () => process.exit(0));"),
    ],
  ])('main is run once because %s', async (_, text) => {
    scratch.commit('main', { 'a.test.mjs': main('') });
    scratch.commit('weaker', { 'a.test.mjs': text });
    expect(await suite('weaker')).toMatchObject({
      kind: 'mergeable',
      warnings: ['tests-fell: main runs 2 tests, the branch 1'],
    });
    expect(scratch.story).toEqual(['branch green', 'base green']);
  });

  test('a branch that adds tests and moves others costs no run of main', async () => {
    scratch.commit('main', { 'a.test.mjs': main('') });
    scratch.commit('more', { 'a.test.mjs': null, 'b.test.mjs': main("test('three', () => {});\n") });
    expect(await suite('more')).toMatchObject({ kind: 'mergeable', warnings: [] });
    expect(scratch.story).toEqual(['branch green']);
  });
});
