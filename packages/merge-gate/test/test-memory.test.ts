import { isFlakyByProof, memoryTests, talliesAfter, testIdentity } from '@gatehouse/merge-gate';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seenTests } from '../src/test-history.ts';
import { testMemoryContract } from './test-memory.contract.ts';

testMemoryContract('in memory', () => memoryTests());

const RUN = {
  purpose: 'branch',
  commit: 'c',
  tree: 't',
  command: 'test',
  startedAt: 0,
  durationMs: 1,
  reason: '',
  level: 'group',
  leftovers: 0,
  verified: true,
};

test('a tally is what counting every run by hand gives, in every order of runs', () => {
  const run = fc.record({ failed: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')), complete: fc.boolean() });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 8 }), (runs) => {
      const tallies = new Map();
      let completeRuns = 0;
      for (const seen of runs) {
        for (const [name, tally] of talliesAfter({ completeRuns, tallies: new Map(tallies) }, seen))
          tallies.set(name, tally);
        if (seen.complete) completeRuns += 1;
      }
      for (const name of ['a', 'b', 'c'] as const) {
        const reds = runs.filter(({ failed }) => failed.includes(name)).length;
        const greens = runs.filter(({ failed, complete }) => complete && !failed.includes(name)).length;
        if (reds > 0) expect(tallies.get(name)).toEqual({ reds, greens });
        expect(isFlakyByProof(tallies.get(name) ?? { reds: 0, greens: 0 })).toBe(reds > 0 && greens > 0);
      }
    }),
  );
});

test('a run speaks for tests that it does not name only when each of its failures is counted and named', () => {
  const red = { ...RUN, outcome: 'red' as const };
  expect(seenTests({ ...red, tests: { total: 9, failed: ['a'], failures: 1 } })).toEqual({
    failed: ['a'],
    complete: true,
  });
  for (const tests of [{ failed: ['a'] }, { total: 9, failed: ['a'] }, { total: 9, failed: ['a'], failures: 2 }])
    expect(seenTests({ ...red, tests })).toEqual({ failed: ['a'], complete: false });
  expect(seenTests({ ...red, tests: { total: 9, failed: ['a'], failures: 2 } }, ['b'])).toMatchObject({
    complete: true,
  });
  expect(seenTests({ ...RUN, outcome: 'green', tests: { total: 9 } })).toEqual({
    failed: [],
    complete: true,
    ran: 9,
  });
});

test('a run that counted nothing, a setup and an end from outside say nothing about tests', () => {
  expect(seenTests({ ...RUN, outcome: 'green' })).toBeNull();
  expect(seenTests({ ...RUN, outcome: 'red' })).toBeNull();
  expect(seenTests({ ...RUN, outcome: 'infra', tests: { failed: ['a'] } })).toBeNull();
  expect(seenTests({ ...RUN, purpose: 'setup', outcome: 'red', tests: { failed: ['(setup)'] } })).toBeNull();
});

test('a remembered name is bounded, well-formed, and the plain name itself where that is possible', () => {
  expect(testIdentity('suite > test')).toBe('suite > test');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (name) => {
      const identity = testIdentity(name);
      expect(identity.length).toBeLessThanOrEqual(300);
      expect(identity.isWellFormed() && !identity.includes('\0')).toBe(true);
      expect(testIdentity(identity)).toBe(identity);
    }),
  );
});

test('the memory is bounded: the oldest keys and the oldest flaky names are forgotten', async () => {
  const memory = memoryTests({ maxKeys: 2, maxFlaky: 2 });
  const record = (tree: string, failed: readonly string[], complete = false) =>
    memory.record({ repo: 'r', key: { tree, gateDigest: 'g', envDigest: 'e' }, tests: { failed, complete } });
  await record('t1', ['a']);
  await record('t2', ['a']);
  await record('t3', ['a']);
  await record('t1', [], true);
  expect(await memory.knownFlaky('r', ['a'])).toEqual([]);
  await record('t4', ['a', 'b', 'c']);
  await record('t4', [], true);
  expect(await memory.knownFlaky('r', ['a', 'b', 'c'])).toHaveLength(2);
});
