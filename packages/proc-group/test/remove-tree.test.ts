import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RemovedTree, removeTree } from '@gatehouse/proc-group';
import { afterAll, expect, test } from '@jest/globals';
import { fixture, isRoot, needsRoot, nobody, testIf } from './trees.ts';

const root = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Removes as a user whom permissions bind: root passes every one of them. */
function removedUnprivileged(path: string): RemovedTree {
  const script = `const { removeTree } = await import('@gatehouse/proc-group');
    process.stdout.write(JSON.stringify(await removeTree(process.argv[1])));`;
  const node = ['--conditions=gatehouse:src', '--input-type=module', '-e', script, path];
  const said = execFileSync(process.execPath, node, {
    encoding: 'utf8',
    cwd: fixture('.'),
    ...(isRoot ? nobody : {}),
  });
  return JSON.parse(said);
}

test('directories that nothing may be removed from go, and what a link points to keeps its mode', async () => {
  chmodSync(root, 0o755);
  const open = mkdtempSync(join(root, 'open-'));
  chmodSync(open, 0o777);
  const outside = join(root, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), '');
  chmodSync(outside, 0o555);
  const plant =
    'mkdir -p tree/a/b && : > tree/a/b/c && ln -s "$0" tree/a/link && chmod 500 tree/a/b tree/a && chmod 0 tree';
  execFileSync('sh', ['-c', plant, outside], { cwd: open, ...(isRoot ? nobody : {}) });
  expect(removedUnprivileged(join(open, 'tree'))).toEqual({ kind: 'removed' });
  expect(existsSync(join(open, 'tree'))).toBe(false);
  expect([existsSync(join(outside, 'precious')), lstatSync(outside).mode & 0o777]).toEqual([true, 0o555]);
});

testIf(isRoot, needsRoot)('a tree that another user owns is left, and the answer says why', () => {
  const tree = join(root, 'of-root');
  mkdirSync(join(tree, 'inner'), { recursive: true });
  expect(removedUnprivileged(tree)).toMatchObject({ kind: 'left', errno: 'EPERM' });
});

test('a link in place of the tree is removed, not followed', async () => {
  const target = join(root, 'target');
  mkdirSync(target);
  symlinkSync(target, join(root, 'link'));
  expect(await removeTree(join(root, 'link'))).toEqual({ kind: 'removed' });
  expect([existsSync(target), existsSync(join(root, 'link'))]).toEqual([true, false]);
});
