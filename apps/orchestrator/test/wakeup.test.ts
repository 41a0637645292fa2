import { expect, test } from '@jest/globals';
import { createWakeup } from '../src/platform/wakeup.ts';

const never = new AbortController().signal;
const LONG = 600_000;

test('a notification wakes every caller that waits', async () => {
  const one = createWakeup();
  const waits = [one.wait(LONG, never), one.wait(LONG, never)];
  one.notify();
  await Promise.all(waits);
});

test('a notification without a waiting caller is kept for the next one, once', async () => {
  const one = createWakeup();
  one.notify();
  await one.wait(LONG, never);
  const stop = new AbortController();
  let woken = false;
  const second = one.wait(LONG, stop.signal).then(() => {
    woken = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(woken).toBe(false);
  stop.abort();
  await second;
});

test('an abort ends the wait', async () => {
  const stop = new AbortController();
  const waiting = createWakeup().wait(LONG, stop.signal);
  stop.abort();
  await waiting;
});
