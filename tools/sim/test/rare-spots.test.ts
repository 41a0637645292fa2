import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { simulate } from '../src/campaign.ts';
import { type Database, openDatabase } from '../src/database.ts';
import { HOT_SPOTS } from '../src/fault-point.ts';
import { worldSeed } from '../src/prng.ts';
import { RARE_SPOTS } from '../src/rare-spots.ts';
import { liveWorld } from '../src/world.ts';

const SEED = 5;
/** All of them where CI demands every tool, else one in six. */
const SPOTS = RARE_SPOTS.filter((_, at) => process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' || at % 6 === 0);
const WORLDS = 24;

let database: Database;
beforeAll(() => {
  database = openDatabase();
});
afterAll(() => {
  database.sqlite.close();
});

describe('a rare spot is reached: within some worlds of its own, processes die before the call and after it', () => {
  test.each(SPOTS)('$name', async ({ name }) => {
    const deaths = { before: 0, after: 0 };
    for (let world = 0; world < WORLDS && Math.min(deaths.before, deaths.after) === 0; world += 1) {
      const { counters, violations } = await liveWorld(database, { seed: worldSeed(SEED, world), rareSpot: name });
      expect(violations).toEqual([]);
      for (const side of ['before', 'after'] as const) deaths[side] += counters.get(`kill ${side} ${name}`) ?? 0;
    }
    expect(deaths.before).toBeGreaterThan(0);
    expect(deaths.after).toBeGreaterThan(0);
  });
});

test('no effect is out of reach: one that most worlds never call is a rare spot', async () => {
  const { fired, worlds } = await simulate({ seed: SEED, lifetimes: 100 });
  const spots = new Set<string>([...HOT_SPOTS, ...RARE_SPOTS.map(({ name }) => name)]);
  const calls = Object.entries(fired).flatMap(([counter, times]) => {
    const name = /^call (\S+\.\S+)$/.exec(counter)?.[1];
    return name === undefined ? [] : [{ name, times }];
  });
  expect(calls.length).toBeGreaterThan(30);
  expect(calls.filter(({ name, times }) => times < worlds * 0.75 && !spots.has(name))).toEqual([]);
});
