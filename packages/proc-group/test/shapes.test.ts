import { containmentLevel, outputText, type RunSpec, runInGroup } from '@gatehouse/proc-group';
import { afterAll, describe, expect } from '@jest/globals';
import { isRoot, newMarker, nobody, publicFolder, settled, sh, survivors, testIf, testWith } from './trees.ts';

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
      (usable ? testWith('perl') : testIf(false, `level ${level} cannot be had`))(
        `nothing survives the deadline: ${what}`,
        async () => {
          const marker = newMarker();
          // Shape h exits by itself; its deadline only has to be late enough.
          const timeoutMs = shape === 'h' ? 60_000 : 250;
          const spec = { command: 'perl', args: [folder.shapes, marker, shape], timeoutMs, graceMs: 100, ...how };
          const run = settled(await runInGroup(spec));
          const left = survivors(marker);
          expect({ left, kind: run.kind }).toEqual({ left: 0, kind: shape === 'h' ? 'exited' : 'timeout' });
          expect(run).toMatchObject({ level, containment: { verified: true, leaked: 0 } });
        },
      );
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

(has('cookie') ? testWith('perl') : testIf(false, 'level cookie cannot be had'))(
  'twenty daemons that fork and exit every millisecond are all found, two of them at a time',
  async () => {
    const chase = async (): Promise<void> => {
      for (let round = 0; round < 10; round += 1) {
        const marker = newMarker();
        const spec = { command: 'perl', args: [folder.shapes, marker, 'j'], timeoutMs: 150, graceMs: 30 };
        const run = settled(await runInGroup({ ...spec, containment: 'cookie' }));
        expect({ left: survivors(marker), ...run.containment }).toMatchObject({ left: 0, verified: true, leaked: 0 });
      }
    };
    await Promise.all([chase(), chase()]);
  },
);

const applied = (await sh('exit 0', { limits: { maxProcesses: 16 } })).limits.maxProcesses;

describe('maxProcesses', () => {
  const fork = 'i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done; echo all; kill $(jobs -p)';

  testIf(applied === 'run', 'no pids controller in our cgroup')('a fork beyond it fails inside the run', async () => {
    const run = await sh(fork, { limits: { maxProcesses: 16 } });
    expect(outputText(run.stdout)).toBe('');
    expect(run.containment).toMatchObject({ verified: true, leaked: 0 });
  });

  testIf(applied === 'none', 'this machine applies it')(
    'without the controller the answer says that it was not applied',
    async () => {
      const run = await sh(fork, { limits: { maxProcesses: 16 } });
      expect([outputText(run.stdout), run.limits]).toEqual(['all\n', { maxProcesses: 'none' }]);
    },
  );
});
