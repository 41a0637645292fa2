/** How a command of level `kernel` comes into its cgroup: it is born there, or moves itself, or the run says that it could not. */
import { containmentLevel } from '@gatehouse/proc-group';
import { afterEach, expect } from '@jest/globals';
import { makeLeaf, ownCgroup, removeLeaf } from '../src/adapters/cgroup.ts';
import { spawnChild } from '../src/adapters/child.ts';
import { findCommand } from '../src/adapters/command-path.ts';
import { type KeeperMeans, keeperMeans, keepRun } from '../src/adapters/keeper.ts';
import { testIf, until } from './trees.ts';

const machine = await containmentLevel();
const perl = findCommand('perl', '/', process.env['PATH']);
const means = perl.kind === 'found' ? await keeperMeans(perl.file) : null;
const parent = ownCgroup();
const usable = means !== null && machine.kind === 'detected' && machine.level === 'kernel';
const testKernel = testIf(usable, 'level kernel with a keeper cannot be had');

/** One of the calls' numbers is clone3's, the last; this one no kernel has. */
const withoutClone = (calls: string): string => calls.replace(/\d+$/, '99999');
/** The same directory by a name so long that it can be opened, and no file in it. */
const padded = (leaf: string): string => leaf + '/.'.repeat((4094 - leaf.length) >> 1);

const leaves: string[] = [];
afterEach(() => {
  for (const leaf of leaves.splice(0)) removeLeaf(leaf);
});

function newLeaf(): string {
  const leaf = parent === null ? null : makeLeaf(parent);
  if (leaf === null) throw new Error('no leaf could be made');
  leaves.push(leaf);
  return leaf;
}

/** What the command's own /proc says its cgroup is, as the last part of the path; or how it failed. */
async function bornAt(leaf: string, calls: (known: string) => string): Promise<string> {
  const known = means as KeeperMeans;
  const kept = keepRun({ ...known, calls: calls(known.calls) }, { session: 'own', leaf });
  let said = '';
  const line = kept.wrap({ file: '/bin/cat', args: ['/proc/self/cgroup'] });
  const onChunk = (stream: 'stdout' | 'stderr', bytes: Uint8Array): null => {
    if (stream === 'stdout') said += Buffer.from(bytes).toString('latin1');
    return null;
  };
  const place = { cwd: '/', detached: true, runAs: null, stderrAt: null, descriptors: [], stdin: null, env: {} };
  const spawned = await kept.adopt(await spawnChild({ ...line, ...place, onChunk }), new Promise(() => {}));
  if (spawned.kind === 'not-begun') return `not begun, by ${spawned.by}`;
  if (spawned.kind === 'spawn-failed') return `${spawned.errno}: ${spawned.message}`;
  await Promise.all([spawned.child.exited, spawned.child.drained]);
  await until(() => kept.state() === 'empty', 'the keeper has no child any more');
  await kept.release();
  return /^0::.*\/([^/\n]+)$/m.exec(said)?.[1] ?? said;
}

const nameOf = (leaf: string): string => leaf.slice(leaf.lastIndexOf('/') + 1);

testKernel('a command is born in its cgroup and never moved', async () => {
  const leaf = newLeaf();
  expect(await bornAt(padded(leaf), (calls) => calls)).toBe(nameOf(leaf));
});

testKernel(
  'where a process cannot be born in a cgroup, it moves itself there before it becomes the command',
  async () => {
    const leaf = newLeaf();
    expect(await bornAt(leaf, withoutClone)).toBe(nameOf(leaf));
  },
);

testKernel('a command that cannot come into its cgroup is not started, and the reason is told', async () => {
  const outside = 'the command could not join its cgroup';
  expect(await bornAt(padded(newLeaf()), withoutClone)).toBe(`ECONTAIN: ${outside}: ENAMETOOLONG`);
  expect(await bornAt('/sys/fs/cgroup/none-of-ours', (calls) => calls)).toBe(`ECONTAIN: ${outside}: ENOENT`);
});
