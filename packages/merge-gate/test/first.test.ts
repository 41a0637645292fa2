import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RUN_TESTS, ScratchRepository } from './scratch-repository.ts';

const EXAMPLE = fileURLToPath(new URL('../examples/first.ts', import.meta.url));
const FLAGS = ['--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning'];

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
});
afterEach(() => scratch.close());

const queue = (branch: string): string => {
  const env = { PATH: process.env['PATH'], TMPDIR: scratch.root };
  const run = spawnSync(process.execPath, [...FLAGS, EXAMPLE, scratch.url, branch, RUN_TESTS], {
    env,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  return run.stdout;
};

test('the example lands a green branch that was behind main and refuses a red one', () => {
  scratch.commit('good', { 'a.txt': 'a\n' });
  scratch.commit('bad', { 't/bad.sh': 'false\n' });
  const before = scratch.commit('main', { 'b.txt': 'b\n' });
  expect(queue('good')).toMatch(/^pass: green on top of /);
  const main = scratch.run('ls-remote', scratch.origin, 'refs/heads/main').split('\t')[0] ?? '';
  expect(main).not.toBe(before);
  scratch.run('fetch', '--quiet', 'origin');
  expect(scratch.run('show', '--name-only', '--format=', main)).toBe('a.txt');
  expect(queue('bad')).toMatch(
    /^fail: "t\/bad\.sh" fails: red twice with the branch, green without it; [^\n]*\n[\s\S]*failing: t\/bad\.sh/,
  );
  expect(scratch.run('ls-remote', scratch.origin, 'refs/heads/main')).toContain(main);
});
