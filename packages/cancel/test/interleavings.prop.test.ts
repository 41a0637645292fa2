import { requestStop, settleStop } from '@gatehouse/cancel';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Fault, faulty } from './faults.ts';
import { enterLanding, landingAnswers, newWorld, portsOf, TASK, type World } from './world.ts';

const ask = { taskId: TASK, reason: 'not wanted any more', actor: 'ann' };
const quick = { taskId: TASK, graceMs: 1, proveMs: 2, portMs: 3, maxAttempts: 1000 };
const FAULTS: readonly Fault[] = [
  'throw',
  'reject',
  'hang',
  'hang-after',
  'throw-after',
  'lie',
  'hostile-answer',
  'dead-after',
];

const fault = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom<Fault | null>(...FAULTS) },
);

const scenario = fc.record({
  schedule: fc.scheduler(),
  profile: fc.constantFrom('full' as const, 'gates-only' as const),
  lands: fc.boolean(),
  landed: fc.boolean(),
  faults: fc.array(fault, { maxLength: 40 }),
});

test('1,000 hostile interleavings: the first at the one point wins, and every stop is settled once', async () => {
  let faultsHit = 0;
  let deferred = 0;
  let settled = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ schedule, profile, lands, landed, faults }) => {
      const world = newWorld('running', { profile });
      const words: string[] = [];
      let call = 0;
      const ports = () =>
        faulty(slowed(world, schedule), () => {
          const hit = faults[call++] ?? null;
          faultsHit += hit === null ? 0 : 1;
          return hit;
        });
      const stop = async () => {
        words.push((await requestStop({ ...ask, portMs: 3 }, ports())).kind);
      };
      const landing = async () => {
        await schedule.schedule(Promise.resolve(), 'before the landing');
        const entered = enterLanding(world);
        await schedule.schedule(Promise.resolve(), 'inside the landing');
        if (entered) landingAnswers(world, landed);
      };
      const settleTwice = async () => {
        for (let again = 0; again < 2; again += 1)
          settled += (await settleStop(quick, ports())).kind === 'settled' ? 1 : 0;
      };
      await schedule.waitFor(Promise.all([stop(), settleTwice(), lands ? landing() : null, stop(), settleTwice()]));

      // The service is started again and nothing fails any more.
      await requestStop(ask, portsOf(world));
      const last = await settleStop(quick, portsOf(world));
      deferred += words.includes('deferred') ? 1 : 0;
      judge(world, words, last.kind);
    }),
    { numRuns: 1000 },
  );
  expect(faultsHit).toBeGreaterThan(500);
  // Each of the ways was gone: a table of faults that never fires proves nothing.
  expect([deferred, settled].map((times) => times > 0)).toEqual([true, true]);
});

type Call = (...args: unknown[]) => Promise<unknown>;

/** Every call takes effect when the schedule says so, and its answer arrives when the schedule says so. */
function slowed(world: World, schedule: fc.Scheduler): ReturnType<typeof portsOf> {
  const ports = portsOf(world);
  const slow = (group: object): never => {
    const calls = Object.entries(group).map(([name, call]) => {
      const later: Call = async (...args) => {
        await schedule.schedule(Promise.resolve(), `${name} begins`);
        const answer = await (call as Call)(...args);
        await schedule.schedule(Promise.resolve(), `${name} answers`);
        return answer;
      };
      return [name, later];
    });
    return Object.fromEntries(calls) as never;
  };
  return { ledger: slow(ports.ledger), runs: slow(ports.runs), cleanUp: slow(ports.cleanUp) };
}

function judge(world: World, words: readonly string[], last: string): void {
  expect(world.violations).toEqual([]);
  if (words.includes('stopping') || words.includes('cancelled')) expect(world.landed).toBe(false);
  if (world.stage === 'done') {
    expect(world).toMatchObject({ landed: true, stopRecorded: false, key: 'T-1', keyReleases: [] });
    expect(world.clone).not.toBeNull();
    return;
  }
  expect(world).toMatchObject({ stage: 'cancelled', key: 'T-1~stopped~task-1', clone: null, lease: false });
  expect(world.keyReleases).toHaveLength(1);
  expect(last).toMatch(/^(?:settled|over)$/);
  expect([...world.forge.keys()]).toEqual(
    world.facts.profile === 'full' ? ['main', 'release/1'] : ['main', 'release/1', world.facts.branch],
  );
}
