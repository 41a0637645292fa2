import { requestStop, settleStop } from '@gatehouse/cancel';
import { describe, expect, test } from '@jest/globals';
import { type Fault, faulty } from './faults.ts';
import { endOf, FULL_STEPS, newWorld, portsOf, TASK, type World } from './world.ts';

const ask = { taskId: TASK, reason: 'not wanted any more', actor: 'ann' };
const quick = { taskId: TASK, graceMs: 5, proveMs: 5, portMs: 10 };
const points = FULL_STEPS.map((name, index) => ({ name, index }));

async function stoppedWorld(): Promise<World> {
  const world = newWorld('running');
  await requestStop(ask, portsOf(world));
  return world;
}

/** The caller is gone from then on: what it still awaits never comes, and its signal never fires. */
async function crashAt(world: World, at: number, fault: Fault): Promise<number> {
  const patience = new AbortController();
  const ports = faulty(portsOf(world), ({ index }) => {
    if (index !== at) return null;
    // As after SIGKILL: the rest of this settling must not run.
    queueMicrotask(() => patience.abort());
    return fault;
  });
  await settleStop({ ...quick, signal: patience.signal }, ports);
  return ports.asked();
}

const expected = {
  stage: 'cancelled',
  key: 'T-1~stopped~task-1',
  keyReleases: 1,
  clone: null,
  storedReport: 'what the task wrote',
  branches: ['main', 'release/1'],
  lease: false,
  processes: 0,
  violations: [],
};

describe.each<Fault>(['dead', 'dead-after'])('killed at a port call (%s), then started again', (fault) => {
  test.each(points)('$name: the same end', async ({ index }) => {
    const world = await stoppedWorld();
    expect(await crashAt(world, index, fault)).toBe(index + 1);
    const again = await settleStop(quick, portsOf(world));
    expect(again.kind).toMatch(/^(?:settled|over)$/);
    expect(endOf(world)).toMatchObject(expected);
    expect(world.alerts).toEqual([]);
  });

  test('twice, at any two calls: the same end', async () => {
    for (const first of points)
      for (const second of points) {
        const world = await stoppedWorld();
        await crashAt(world, first.index, fault);
        await crashAt(world, second.index, fault);
        await settleStop(quick, portsOf(world));
        expect(endOf(world)).toMatchObject(expected);
      }
  });
});

describe.each<Fault>(['throw', 'reject', 'hang', 'hang-after', 'throw-after', 'lie', 'hostile-answer'])(
  'a port that fails (%s)',
  (fault) => {
    test.each(points)('$name: answered in time, and the next settling comes to a good end', async ({ name, index }) => {
      const world = await stoppedWorld();
      const first = await settleStop(
        quick,
        faulty(portsOf(world), (call) => (call.index === index ? fault : null)),
      );
      expect(first.kind).toMatch(/^(?:settled|unfinished)$/);
      // Only what cannot be proven goes on with an alert; everything else is asked again.
      if (name !== 'end') expect(first.kind).toBe('unfinished');
      const again = await settleStop(quick, portsOf(world));
      expect(again.kind).toMatch(/^(?:settled|over)$/);
      expect(endOf(world)).toMatchObject({ ...expected, processes: world.processes.size });
      expect(world.alerts).toHaveLength(name === 'end' ? 1 : 0);
    });
  },
);
