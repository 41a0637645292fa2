/** Fewer tests than main runs: told, or refused; and a count that main had and the branch lost. */
import { checkBranchMergeable, type MergeVerdict, memoryLease, memoryTests } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
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
