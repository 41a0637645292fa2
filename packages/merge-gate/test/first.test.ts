import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RUN_TESTS, Workshop } from './workshop.ts';

const EXAMPLE = fileURLToPath(new URL('../examples/first.ts', import.meta.url));
const FLAGS = ['--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning'];

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.close());

const queue = (branch: string): string => {
  const env = { PATH: process.env['PATH'], TMPDIR: shop.root };
  const run = spawnSync(process.execPath, [...FLAGS, EXAMPLE, shop.url, branch, RUN_TESTS], { env, encoding: 'utf8' });
  expect(run.stderr).toBe('');
  return run.stdout;
};

test('the example lands a green branch that was behind main and refuses a red one', () => {
  shop.commit('good', { 'a.txt': 'a\n' });
  shop.commit('bad', { 't/bad.sh': 'false\n' });
  const before = shop.commit('main', { 'b.txt': 'b\n' });
  expect(queue('good')).toMatch(/^pass: green on top of /);
  const main = shop.run('ls-remote', shop.origin, 'refs/heads/main').split('\t')[0] ?? '';
  expect(main).not.toBe(before);
  shop.run('fetch', '--quiet', 'origin');
  expect(shop.run('show', '--name-only', '--format=', main)).toBe('a.txt');
  expect(queue('bad')).toMatch(/^fail: red twice with the branch, green without it\n[\s\S]*failing: t\/bad\.sh/);
  expect(shop.run('ls-remote', shop.origin, 'refs/heads/main')).toContain(main);
});
