import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { LINE_LIMIT, largest } from '../src/guards/sizes.ts';
import { GUARDS } from '../src/guards.ts';
import { readTree } from '../src/read-tree.ts';
import { tell } from '../src/tree.ts';

const tree = readTree(fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, ''));

afterAll(() => {
  const rows = largest(tree, 10).map(({ path, lines }) => `  ${String(lines).padStart(4)}  ${path}`);
  process.stderr.write(`the ten longest files (the wall stands at ${LINE_LIMIT}):\n${rows.join('\n')}\n`);
});

describe('in this repository', () => {
  test.each(GUARDS)('$name', ({ check }) => {
    expect(check(tree).map(tell)).toEqual([]);
  });
});

test('the snapshot holds this very file and nothing that is ignored', () => {
  expect(tree.files.get('tools/tidy/test/real-tree.test.ts')?.text).toContain('this very file');
  expect([...tree.files.keys()].filter((path) => path.includes('node_modules/'))).toEqual([]);
});
