import { requestStop, type StopWord } from '@gatehouse/cancel';
import { describe, expect, test } from '@jest/globals';
import { newWorld, portsOf, TASK } from './world.ts';

const ask = { taskId: TASK, reason: 'not wanted any more', actor: 'ann' };

describe('each answer of the ledger is returned with what is to be done next', () => {
  const next: Record<StopWord, string> = {
    cancelled: 'settle',
    stopping: 'settle',
    deferred: 'wait',
    too_late: 'nothing',
    already: 'settle',
  };
  test.each(Object.entries(next))('%s → %s', async (kind, step) => {
    const runs = [{ id: '7', token: 3 }];
    const ledger = { requestStop: async () => ({ kind: kind as StopWord, runs }) };
    expect(await requestStop(ask, { ledger })).toEqual({ kind, next: step, runs });
  });
});

test('a task that runs is stopped once; the second stop finds it on record', async () => {
  const world = newWorld('running');
  expect(await requestStop(ask, portsOf(world))).toEqual({
    kind: 'stopping',
    next: 'settle',
    runs: [{ id: '7', token: 1 }],
  });
  expect(await requestStop(ask, portsOf(world))).toMatchObject({ kind: 'already', next: 'settle' });
  expect(world.calls).toEqual(['requestStop', 'requestStop']);
});

test('an unknown task is named as such', async () => {
  const ledger = { requestStop: async () => ({ kind: 'unknown-task' as const }) };
  expect(await requestStop(ask, { ledger })).toEqual({ kind: 'unknown-task' });
});

test.each([
  ['hangs', () => new Promise<never>(() => {})],
  ['throws', () => Promise.reject(new Error('disk full'))],
  ['answers nonsense', async () => ({ kind: 'stopped' }) as never],
  ['names runs that are none', async () => ({ kind: 'stopping', runs: [{ id: 7 }] }) as never],
])('a ledger that %s leaves open whether the stop is on record, and says so', async (_how, call) => {
  const answer = await requestStop({ ...ask, portMs: 20 }, { ledger: { requestStop: call } });
  expect(answer).toMatchObject({ kind: 'unanswered', reason: expect.stringContaining('ledger.requestStop') });
});

test('a caller that gives up is answered at once, and the signal of the port aborts', async () => {
  const patience = new AbortController();
  const aborted = Promise.withResolvers<void>();
  const ledger = {
    requestStop: (_ask: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', () => aborted.resolve());
      patience.abort();
      return new Promise<never>(() => {});
    },
  };
  expect(await requestStop({ ...ask, signal: patience.signal }, { ledger })).toMatchObject({ kind: 'unanswered' });
  await aborted.promise;
});

test('a request that cannot be used is refused before any port is asked', async () => {
  const world = newWorld();
  const bad = [{ taskId: '' }, { taskId: 'x'.repeat(201) }, { reason: '' }, { reason: 7 }, { actor: null }];
  const worse = [{ portMs: Number.NaN }, { portMs: -1 }, { portMs: 2 ** 31 }, { signal: {} }];
  for (const part of [...bad, ...worse])
    expect(await requestStop({ ...ask, ...part } as never, portsOf(world))).toMatchObject({ kind: 'refused' });
  expect(world.calls).toEqual([]);
});
