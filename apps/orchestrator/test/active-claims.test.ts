import { expect, test } from '@jest/globals';
import { createActiveClaims } from '../src/cancellation/active-claims.ts';

const job = { id: 7, token: 3, taskId: 't1' };
const claim = { jobId: 7, token: 3 };

test('ending a claim aborts it at once and answers when it is closed, not before', async () => {
  const runs = createActiveClaims();
  const run = runs.open(job);
  const order: string[] = [];
  run.signal.addEventListener('abort', () => order.push('aborted'));
  const ended = runs.end(claim).then((end) => {
    order.push('ended');
    return end;
  });
  await Promise.resolve();
  order.push('closing');
  run.close();
  expect(await ended).toEqual({ unproven: [] });
  expect(order).toEqual(['aborted', 'closing', 'ended']);
});

test('a command whose end is not proven stays unproven, also when the claim had closed before the stop', async () => {
  const runs = createActiveClaims();
  const run = runs.open(job);
  runs.commandEnded(claim, { verified: true, purpose: 'setup', level: 'cookie' });
  runs.commandEnded(claim, { verified: false, purpose: 'branch', level: 'group' });
  run.close();
  expect(await runs.end(claim)).toEqual({ unproven: ['the branch command at level group'] });
});

test('a claim that is stopped before it begins never begins', async () => {
  const runs = createActiveClaims();
  expect(await runs.end(claim)).toEqual({ unproven: [] });
  expect(runs.open(job).signal.aborted).toBe(true);
  expect(runs.open({ ...job, token: 4 }).signal.aborted).toBe(false);
});

test('the open claims of a task are found whatever their token, and closed ones are not', () => {
  const runs = createActiveClaims();
  const first = runs.open(job);
  runs.open({ ...job, token: 5 });
  runs.open({ id: 8, token: 1, taskId: 'another' });
  expect(runs.of('t1')).toEqual([claim, { jobId: 7, token: 5 }]);
  first.close();
  expect(runs.of('t1')).toEqual([{ jobId: 7, token: 5 }]);
});

test('a claim is known from its beginning, and still when it has closed by itself', () => {
  const runs = createActiveClaims();
  expect(runs.knows(claim)).toBe(false);
  const run = runs.open(job);
  expect(runs.knows(claim)).toBe(true);
  run.close();
  expect(runs.knows(claim)).toBe(true);
  expect(runs.knows({ ...claim, token: 4 })).toBe(false);
});

test('what is remembered of the past is bounded', async () => {
  const runs = createActiveClaims();
  for (let id = 0; id < 3000; id += 1) {
    runs.commandEnded({ jobId: id, token: 1 }, { verified: false, purpose: 'branch', level: 'plain' });
    const run = runs.open({ id, token: 1, taskId: null });
    runs.commandEnded({ jobId: id, token: 1 }, { verified: false, purpose: 'branch', level: 'plain' });
    run.close();
  }
  expect((await runs.end({ jobId: 2999, token: 1 })).unproven).toHaveLength(1);
  expect((await runs.end({ jobId: 0, token: 1 })).unproven).toEqual([]);
});

test('what an open claim waits for is told of its task until it closes, and of no other claim', () => {
  const claims = createActiveClaims();
  claims.awaits({ jobId: 1, token: 1 }, 'too early');
  const handle = claims.open({ id: 1, token: 1, taskId: 't1' });
  expect(claims.awaitedBy('t1')).toBeNull();
  claims.awaits({ jobId: 1, token: 1 }, 'its checks');
  expect([claims.awaitedBy('t1'), claims.awaitedBy('t2')]).toEqual(['its checks', null]);
  handle.close();
  expect(claims.awaitedBy('t1')).toBeNull();
});
