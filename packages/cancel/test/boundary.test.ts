import { constants } from 'node:buffer';
import * as cancel from '@gatehouse/cancel';
import { recoverKey, requestStop, settleStop, tombstoneKey } from '@gatehouse/cancel';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostile } from './hostile.ts';
import { newWorld, portsOf, TASK } from './world.ts';

const bad: readonly unknown[] = [
  hostile,
  undefined,
  null,
  Number.NaN,
  7,
  10n,
  Symbol('s'),
  '',
  'x'.repeat(1e6),
  [],
  {},
];

test('every function this package exports is tried here', () => {
  const functions = Object.entries(cancel).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(functions.sort()).toEqual(['recoverKey', 'requestStop', 'settleStop', 'tombstoneKey']);
});

test('keys of any kind are answered with text', () => {
  for (const key of bad)
    for (const id of bad) {
      expect(typeof tombstoneKey(key as never, id as never)).toBe('string');
      expect(typeof recoverKey(key as never)).toBe('string');
    }
  const longest = 'x'.repeat(constants.MAX_STRING_LENGTH);
  expect(tombstoneKey(longest, 'y').length).toBe(longest.length);
});

test('a hostile request or hostile ports are answered, never thrown, and nothing is called settled', async () => {
  const world = newWorld('running');
  const ask = { taskId: TASK, reason: 'r', actor: 'a' };
  for (const value of bad) {
    for (const request of [
      value,
      { ...ask, taskId: value },
      { ...ask, signal: value ?? hostile },
      { ...ask, portMs: value ?? -1 },
    ])
      expect((await requestStop(request as never, hostile)).kind).toMatch(/^(?:refused|crashed|unanswered)$/);
    for (const ports of [value, { ledger: value }, { ledger: { requestStop: value } }])
      expect((await requestStop(ask, ports as never)).kind).toMatch(/^(?:unanswered|crashed)$/);
    for (const ports of [value, { ledger: value }, { ledger: { beginAttempt: value } }])
      expect((await settleStop(ask, ports as never)).kind).toMatch(/^(?:unfinished|crashed)$/);
    for (const limit of ['graceMs', 'proveMs', 'portMs', 'maxAttempts'])
      if (value !== undefined && value !== 7)
        expect((await settleStop({ taskId: TASK, [limit]: value } as never, portsOf(world))).kind).toMatch(
          /^(?:refused|crashed)$/,
        );
  }
  expect(world.calls).toEqual([]);
});

test('hostile runs and clean-up of a task that is being stopped cannot throw, hang or lose its keys', async () => {
  for (const value of bad) {
    const world = newWorld('running');
    await requestStop({ taskId: TASK, reason: 'r', actor: 'a' }, portsOf(world));
    const ports = { ledger: portsOf(world).ledger, runs: value, cleanUp: value } as never;
    expect(await settleStop({ taskId: TASK, maxAttempts: 1 }, ports)).toMatchObject({
      kind: 'settled',
      verified: false,
    });
    expect(world.keyReleases).toHaveLength(1);
  }
});

test('whatever the ports answer, settling answers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), fc.anything(), fc.anything(), async (state, end, step) => {
      const say = (value: unknown) => async () => value;
      const cleanUp = new Proxy({}, { get: () => say(step) });
      const ledger = { beginAttempt: say(state), completed: say(step), releaseKeys: say(step) };
      const answer = await settleStop({ taskId: TASK }, { ledger, runs: { end: say(end) }, cleanUp } as never);
      expect(answer.kind).toMatch(/^(?:unfinished|unknown-task|not-due|over|settled)$/);
    }),
  );
});
