import { containmentLevel, type RunSpec, runInGroup } from '@gatehouse/proc-group';
import { afterAll, describe, expect } from '@jest/globals';
import { isRoot, newMarker, nobody, publicFolder, settled, survivors, testIf, testWith } from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);
const machine = await containmentLevel();
const has = (level: string): boolean =>
  machine.kind === 'detected' && machine.details.some((detail) => detail.level === level && detail.usable);

const SHAPES: readonly (readonly [string, string])[] = [
  ['a', 'three children'],
  ['b', 'a child that ignores SIGTERM'],
  ['c', 'an orphaned grandchild'],
  ['d', 'a grandchild in a session of its own'],
  ['e', 'a daemon without descriptors'],
  ['f', 'a daemon without an environment'],
  ['g', 'a process that forks without end'],
  ['h', 'a child that holds the pipe after the exit'],
  ['i', 'a stopped child'],
  ['j', 'a daemon that forks and exits every millisecond'],
];

const ways: readonly (readonly [string, boolean, Partial<RunSpec>])[] = [
  ['kernel', has('kernel'), {}],
  ['cookie', has('cookie'), { containment: 'cookie' }],
  ['cookie', has('cookie') && isRoot, { containment: 'cookie', runAs: nobody }],
  ['namespace', has('namespace'), { containment: 'namespace' }],
];

for (const [level, usable, how] of ways) {
  describe(`at level ${level}${how.runAs === undefined ? '' : ' as another user'}`, () => {
    for (const [shape, what] of SHAPES) {
      (usable ? testWith('perl') : testIf(false))(`nothing survives the deadline: ${what}`, async () => {
        const marker = newMarker();
        // Shape h exits by itself; its deadline only has to be far away.
        const timeoutMs = shape === 'h' ? 60_000 : 250;
        const spec = { command: 'perl', args: [folder.shapes, marker, shape], timeoutMs, graceMs: 100, ...how };
        const run = settled(await runInGroup(spec));
        const left = survivors(marker);
        expect({ left, kind: run.kind }).toEqual({ left: 0, kind: shape === 'h' ? 'exited' : 'timeout' });
        expect(run).toMatchObject({ level, containment: { verified: true, leaked: 0 } });
      });
    }
  });
}

testWith('perl')('a process group alone cannot hold a daemon, and the answer does not claim it', async () => {
  const marker = newMarker();
  const run = settled(
    await runInGroup({
      command: 'perl',
      args: [folder.shapes, marker, 'e', '120'],
      timeoutMs: 3000,
      graceMs: 50,
      containment: 'group',
    }),
  );
  expect(survivors(marker)).toBe(1);
  expect(run).toMatchObject({ level: 'group', containment: { verified: false, leaked: null } });
});
