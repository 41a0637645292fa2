/** What a runner counts decides, whatever its status became on the way: the whole gate, with a command that replays real output. */
import { readFileSync } from 'node:fs';
import { checkBranchMergeable, mergeCheckVerdict } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

const outputOf = (name: string): string =>
  readFileSync(new URL(`./runner-output/${name}.txt`, import.meta.url), 'utf8');

describe('a red that hides behind its status', () => {
  let scratch: ScratchRepository;
  beforeEach(async () => {
    scratch = await ScratchRepository.open({ 'out.txt': 'ok 1 - a\n1..1\n', status: '0' });
  });
  afterEach(() => scratch.close());

  /** The branch's run prints `output` and exits with `status`; that of main is green. */
  const ask = async (output: string, status: number) => {
    scratch.commit('task', { 'out.txt': output, status: String(status) });
    const policy = { ...POLICY, command: 'cat out.txt; exit $(cat status)' };
    return checkBranchMergeable(await scratch.request('task', { policy }), { lease: scratch.lease });
  };

  const rows: readonly (readonly [string, string, number, readonly string[]])[] = [
    ['a status that a pipe lost', 'node-spec', 0, ['suite > bad one', 'suite > inner > deep bad', 'top bad']],
    ['Mocha’s count that looks like a missing command', 'mocha-11', 127, ['top bad', 'suite > bad']],
    ['a count that looks like a signal', 'mocha-3', 150, ['top bad', 'suite bad']],
    ['a collection error without a short summary', 'pytest-collect-bare', 2, ['test_b.py']],
    ['a package that does not build', 'go-packages', 0, ['example.org/a/br (build)']],
  ];
  test.each(rows)('%s is blamed with its certificate: %s', async (_what, name, status, failing) => {
    const verdict = await ask(outputOf(name), status);
    expect(verdict).toMatchObject({ kind: 'red', certificate: { failing: expect.arrayContaining([...failing]) } });
    expect(scratch.story.slice(0, 3)).toEqual(['branch red', 'branch-again red', 'base green']);
  });

  test('a lost status is said in the words of the run', async () => {
    const verdict = await ask('not ok 1 - a\n1..1\n', 0);
    expect(verdict).toMatchObject({
      kind: 'red',
      certificate: {
        second: {
          exitCode: 0,
          tests: { failed: ['a'], failures: 1 },
          reason: "exit status 0, but the runner counts 1 failing test: the command lost the runner's status",
        },
      },
    });
    expect(mergeCheckVerdict(verdict, { base: '', head: '' })).toMatchObject({ status: 'fail' });
  });

  test('a status of 127 or a fault without any count is the machine’s', async () => {
    expect(await ask('sh: 1: mocha: not found\n', 127)).toMatchObject({ kind: 'infra' });
    expect(scratch.story).toEqual(['branch infra']);
  });

  test('what is expected to fail lands', async () => {
    expect(await ask(outputOf('green-vitest'), 0)).toMatchObject({ kind: 'mergeable' });
  });
});
