/** A suite whose process ends with status 0 in the middle, and suites that never say how many tests ran. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBranchMergeable, createBaseRunQueue, type MergeVerdict, memoryLease } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
let mocha: string;
beforeEach(async () => {
  scratch = await ScratchRepository.open({ 'suite.sh': '' });
  mocha = join(scratch.root, 'mocha');
  // Stands in for the runner: what counts here is its name, that it sources the suite, and its summary.
  writeFileSync(mocha, '#!/bin/sh\n. ./suite.sh\nprintf "\\n  2 passing (3ms)\\n"\n');
  chmodSync(mocha, 0o755);
});
afterEach(() => scratch.close());

const queue = createBaseRunQueue();
const ask = async (branch: string, command = mocha): Promise<MergeVerdict> =>
  checkBranchMergeable(await scratch.request(branch, { policy: { ...POLICY, command } }), {
    lease: memoryLease(),
    base: queue,
  });

test('exit status 0 in the middle of the suite is not a pass', async () => {
  scratch.commit('quits', { 'suite.sh': 'exit 0\n' });
  const verdict = await ask('quits');
  expect(verdict).toMatchObject({ kind: 'red', certificate: { lostCount: true, baseRun: { tests: { total: 2 } } } });
});

test.each([
  ['behind a pipe', (command: string) => `${command} 2>&1 | cat`],
  ['and its status is dropped', (command: string) => `${command} || true`],
])('neither is it %s', async (_, command) => {
  scratch.commit('quits', { 'suite.sh': 'exit 0\n' });
  expect(await ask('quits', command(mocha))).toMatchObject({ kind: 'red', certificate: { lostCount: true } });
});

test('a file of node:test that ends before it reports a test is no test that passed', async () => {
  const file = (body: string) => `import test from 'node:test';\ntest('one', () => ${body});\n`;
  scratch.commit('main', { 'suite.sh': '', 'a.test.mjs': file('{}') });
  scratch.commit('quits', { 'a.test.mjs': file('process.exit(0)') });
  const verdict = await ask('quits', `${process.execPath} --test`);
  expect(verdict).toMatchObject({ kind: 'red', certificate: { lostCount: true, baseRun: { tests: { total: 1 } } } });
});

test('a file without tests of its own stays a test by its name', async () => {
  scratch.commit('helped', {
    'a.test.mjs': "import test from 'node:test';\nexport const twice = (f) => {\n  test('x', f);\n};\n",
  });
  expect(await ask('helped', `${process.execPath} --test`)).toMatchObject({ kind: 'mergeable', warnings: [] });
  expect(scratch.story).toEqual(['branch green']);
});

test('results that fall short of their plan are compared with main, whatever printed them', async () => {
  const tap = (lines: string) => `printf '1..3\\n${lines}'; exit 0\n`;
  scratch.commit('main', { 'suite.sh': tap('ok 1 - a\\nok 2 - b\\nok 3 - c\\n') });
  scratch.commit('quits', { 'suite.sh': tap('ok 1 - a\\n') });
  expect(await ask('quits', './suite.sh || . ./suite.sh')).toMatchObject({
    kind: 'red',
    certificate: { lostCount: true, first: { reason: expect.stringContaining('3 tests were planned, 1 reported') } },
  });
});

test('a summary that came back at the second try is flaky', async () => {
  scratch.commit('sometimes', {
    'suite.sh': `test -e ${scratch.root}/been || { touch ${scratch.root}/been; exit 0; }\n`,
  });
  expect(await ask('sometimes')).toMatchObject({ kind: 'mergeable', evidence: { kind: 'flaky' } });
});

test('a suite that prints none on main either passes with a warning', async () => {
  scratch.commit('main', { 'suite.sh': 'exit 0\n' });
  scratch.commit('good', { 'a.txt': 'a\n' });
  const verdict = await ask('good');
  expect(verdict).toMatchObject({ kind: 'mergeable', warnings: [expect.stringMatching(/^tests-uncounted/)] });
  expect(scratch.story).toEqual(['branch green', 'base green']);
});

test('a command whose runner is not known is not compared with main', async () => {
  scratch.commit('good', { 'a.txt': 'a\n' });
  expect(await ask('good', 'true')).toMatchObject({ kind: 'mergeable' });
  expect(scratch.story).toEqual(['branch green']);
});

test('main that cannot be asked proves nothing and blames no branch', async () => {
  scratch.commit('main', { 'suite.sh': 'kill -9 $$\n' });
  scratch.commit('quits', { 'suite.sh': 'exit 0\n' });
  expect(await ask('quits')).toMatchObject({ kind: 'infra', reason: expect.stringContaining('printed no summary') });
});
