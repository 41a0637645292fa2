/** A red that one ask cannot prove is proven by the next ones, which go on where it ended. */

import { checkBranchMergeable, memoryCertificates, memoryLease } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { certificatesContract } from './certificates.contract.ts';
import { testWhole } from './faults/whole.ts';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

describe('memory in one process', () => certificatesContract(() => memoryCertificates()));

describe('a branch that is asked again', () => {
  let scratch: ScratchRepository;
  beforeEach(async () => {
    scratch = await ScratchRepository.open({ 'README.md': 'a repository\n' });
  });
  afterEach(() => scratch.close());

  const asking = (certificates = memoryCertificates()) => {
    const lease = memoryLease();
    return async (branch: string, command: string) =>
      checkBranchMergeable(await scratch.request(branch, { policy: { ...POLICY, command } }), { lease, certificates });
  };
  const whole = () => scratch.runs.splice(0).filter(({ purpose }) => /^(?:branch|branch-again|base)$/.test(purpose));

  test('is blamed when all asks together suffice: main failed once, and is not held against it for ever', async () => {
    scratch.commit('bad', { 'bad.txt': 'x\n' });
    const once = `test -e bad.txt && exit 1; mkdir ${scratch.root}/failed 2>/dev/null && exit 1; exit 0`;
    const ask = asking();
    const verdicts = [await ask('bad', once), await ask('bad', once), await ask('bad', once)];
    expect(verdicts.map(({ kind }) => kind)).toEqual(['infra', 'infra', 'red']);
    expect(verdicts[2]).toMatchObject({ certificate: { runs: { full: 26 } } });
    // The two runs under the lease count where it is the branch's turn.
    expect(whole().length).toBeLessThanOrEqual(26 + 4);
  });

  testWhole('is told what it breaks where it mends another test and the runner cannot run tests alone', async () => {
    scratch.commit('main', { a: 'red\n' });
    scratch.commit('mender', { a: 'green\n', b: 'red\n' });
    const suite = `echo 1..2; f=0; for t in a b; do grep -q red $t 2>/dev/null && { echo "not ok $t"; f=1; } || echo "ok $t"; done; exit $f`;
    const ask = asking();
    const verdicts = [await ask('mender', suite), await ask('mender', suite), await ask('mender', suite)];
    expect(verdicts.map(({ kind }) => kind)).toEqual(['infra', 'infra', 'red']);
    expect(verdicts[2]).toMatchObject({ certificate: { failing: ['b'] } });
  });

  test('starts anew where the memory fails, and is never blamed on less', async () => {
    scratch.commit('bad', { 'bad.txt': 'x\n' });
    const fails = {
      load: () => Promise.reject(new Error('no disk')),
      save: () => Promise.reject(new Error('no disk')),
    };
    expect(await asking(fails)('bad', 'test ! -e bad.txt')).toMatchObject({ kind: 'red' });
    const lies = { load: async () => ({ version: 1, phase: 'guilty' }), save: async () => undefined };
    expect(await asking(lies)('bad', 'test ! -e bad.txt')).toMatchObject({ kind: 'red' });
    expect(whole()).toHaveLength(20);
  });
});
