import { expect, test } from '@jest/globals';
import { Clock, type Owner } from '../src/clock.ts';
import { createPrng } from '../src/prng.ts';
import { underVirtualTime } from '../src/virtual-time.ts';

const onTime = (): null => null;
const owner = (): Owner => ({ name: 'p', dead: false, asleepUntilMs: 0 });

test('entries come in the order of their time, and of their asking where that is the same', async () => {
  const clock = new Clock(100);
  const prng = createPrng(3);
  const came: [number, number][] = [];
  for (let order = 0; order < 200; order += 1) {
    const delay = prng.below(20);
    clock.after(delay, () => came.push([clock.nowMs, order]), null);
  }
  while (await clock.step(onTime));
  expect(came).toHaveLength(200);
  expect(came).toEqual(came.toSorted(([t1, o1], [t2, o2]) => t1 - t2 || o1 - o2));
});

test('what is due for a stopped process comes when it goes on, and for a dead one never', async () => {
  const clock = new Clock(0);
  const [stopped, dead] = [owner(), owner()];
  const came: string[] = [];
  clock.after(5, () => came.push(`stopped at ${clock.nowMs}`), stopped);
  clock.after(5, () => came.push('dead'), dead);
  clock.after(7, () => came.push('other'), null);
  stopped.asleepUntilMs = 50;
  dead.dead = true;
  while (await clock.step(onTime));
  expect(came).toEqual(['other', 'stopped at 50']);
});

test('under virtual time hours pass at once, no chance is left, and the own time of the machine comes back', async () => {
  const clock = new Clock(1_000);
  const real = { setTimeout, now: Date.now, random: Math.random };
  await underVirtualTime(clock, async () => {
    const beats: number[] = [];
    const beat = setInterval(() => beats.push(Date.now()), 3_600_000);
    setTimeout(() => clearInterval(beat), 10_000_000);
    while (await clock.step(onTime));
    expect(beats).toEqual([3_601_000, 7_201_000]);
    expect(() => Math.random()).toThrow('no seed');
  });
  expect({ setTimeout, now: Date.now, random: Math.random }).toEqual(real);
});
