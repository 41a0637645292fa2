import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { catchUp } from '../examples/first.ts';
import { Planted } from './planted-repository.ts';

test('the example of the README answers for a branch that applies, one that conflicts and one that is not there', async () => {
  const planted = new Planted();
  planted.commit({ a: '1' });
  planted.branch('fine').commit({ b: '1' });
  planted.branch('clash').commit({ a: '2' });
  planted.on('main').commit({ a: '3' });
  const ask = (branch: string) => catchUp(planted.dir, branch, join(planted.root, 'work'));
  expect(await ask('fine')).toBe('fine rebased onto main: 1 commits');
  expect(await ask('clash')).toBe('clash conflicts with main in a');
  expect(await ask('gone')).toBe('gone or main is not there');
});

test('the README shows the example as it is, and names every kind of failure', () => {
  const here = new URL('..', import.meta.url);
  const readme = readFileSync(new URL('README.md', here), 'utf8');
  const example = readFileSync(new URL('examples/first.ts', here), 'utf8');
  const shown = /## In use\n\n```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(example).toContain(shown);
  const outcome = readFileSync(new URL('src/outcome.ts', here), 'utf8');
  const kinds = [...(/export type GitFailureKind =([\s\S]*?);/.exec(outcome)?.[1]?.matchAll(/'([a-z-]+)'/g) ?? [])].map(
    (match) => match[1],
  );
  expect(kinds.length).toBeGreaterThan(10);
  for (const kind of kinds) expect(readme).toContain(`\`${kind}\``);
});
