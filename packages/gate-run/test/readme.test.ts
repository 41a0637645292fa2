import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tryCommit } from '../examples/first.ts';
import { ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
beforeAll(() => {
  repo = new ScratchRepo();
});
afterAll(() => repo.remove());

test('the example distinguishes a green commit, a red one, and a directory that is no repository', async () => {
  const commit = repo.commit({ 'answer.txt': '42\n' });
  const ask = (gitDir: string, command: string) =>
    tryCommit({ gitDir, commit, command, directory: join(repo.root, 'place') });
  expect(await ask(repo.gitDir, 'grep -q 42 answer.txt && test "$CHECKED_BY" = gate-run')).toBe(
    'green: the command exited 0 by itself; 1 command in the record',
  );
  expect(await ask(repo.gitDir, 'grep -q 43 answer.txt')).toMatch(/^red: .*exit status 1/);
  expect(await ask(join(repo.root, 'nowhere'), 'true')).toMatch(/^not run: git checkout: /);
});

test('the README shows the example as it is', () => {
  const here = new URL('..', import.meta.url);
  const [, shown = 'nothing'] =
    /## In use\n\n```ts\n([\s\S]*?)```/.exec(readFileSync(new URL('README.md', here), 'utf8')) ?? [];
  expect(readFileSync(new URL('examples/first.ts', here), 'utf8')).toContain(shown);
});
