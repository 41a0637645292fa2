/**
 * Simulated lifetimes in rounds of neighbouring worlds: a hundred thousand lifetimes of one seed, then the next seed. A
 * world is decided by the seed and its number alone, so the rounds of a seed are together one campaign of the simulator.
 */
import { EXPECTED, neverFired } from '../sim/dist/expected.js';
import { startThreads } from '../sim/dist/threads.js';
import { totalOf } from './state.mjs';

export const PER_SEED = 100_000;
const ENOUGH_KILLS_OF_A_BOUNDARY = 20;

/** Where the next round begins: the seed, and its first world that was not lived. `number` of a round is the seed's. */
export function nextWorlds(rounds, fresh) {
  const own = rounds.filter(({ kind }) => kind === 'lifetimes');
  const last = own.at(-1);
  if (last === undefined) return { seed: fresh, number: 0, first: 0 };
  const ofSeed = own.filter(({ seed }) => seed === last.seed);
  const { worlds, lifetimes } = totalOf(ofSeed, 'lifetimes').done;
  if (lifetimes >= PER_SEED) return { seed: last.seed + 1, number: last.number + 1, first: 0 };
  return { seed: last.seed, number: last.number, first: worlds };
}

/** Lives rounds one after the other; threads are kept as long as the seed is. */
export class Lifetimes {
  /** `worlds`: how many each thread lives in a round. */
  constructor({ threads, worlds }) {
    this.threads = threads;
    this.worlds = worlds;
    this.crew = null;
    this.seed = null;
  }

  async round({ seed, first }) {
    if (this.seed !== seed) await this.end();
    this.seed = seed;
    this.crew ??= startThreads(this.threads, { seed, digest: false });
    const reports = await Promise.all(
      this.crew.lanes.map((live, lane) => live({ first: first + lane * this.worlds, count: this.worlds })),
    );
    const fired = {};
    for (const [name, times] of reports.flatMap(({ counters }) => counters)) fired[name] = (fired[name] ?? 0) + times;
    return {
      done: {
        worlds: reports.reduce((sum, { worlds }) => sum + worlds, 0),
        lifetimes: reports.reduce((sum, { lifetimes }) => sum + lifetimes, 0),
      },
      fired,
      found: reports.flatMap(({ violations }) =>
        violations.map(({ world, invariant, text }) => `world ${world}: ${invariant}: ${text}`),
      ),
    };
  }

  async end() {
    await this.crew?.end();
    this.crew = null;
  }
}

/** One line for each seed, and how often the boundaries of effects were crashed. */
export function lifetimesInWords(rounds) {
  const own = rounds.filter(({ kind }) => kind === 'lifetimes');
  const seeds = [...new Set(own.map(({ seed }) => seed))].map((seed) => {
    const { done, fired, found } = totalOf(
      own.filter((round) => round.seed === seed),
      'lifetimes',
    );
    const silent = neverFired(new Map(Object.entries(fired)), done.lifetimes);
    const never = silent.length === 0 ? '' : `, never came up: ${silent.join(', ')}`;
    return `  seed ${seed}: ${done.lifetimes} lifetimes in ${done.worlds} worlds, ${found.length} violations${never}`;
  });
  const sides = boundaries(totalOf(own, 'lifetimes').fired);
  const rare = sides.filter(({ times }) => times < ENOUGH_KILLS_OF_A_BOUNDARY);
  const least = sides.slice(0, 3).map(({ name, times }) => `${name} ${times}`);
  return [
    ...seeds,
    `  ${sides.length} sides of effects, ${rare.length} of them crashed fewer than ${ENOUGH_KILLS_OF_A_BOUNDARY} times; the rarest: ${least.join(', ')}`,
    ...rare.slice(3).map(({ name, times }) => `    ${name} ${times}`),
  ];
}

/** Both sides of each effect (`store.applyEvent`, `forge.land` …; reads have no dot), the rarest first. */
export function boundaries(fired) {
  const expected = EXPECTED.flatMap(({ names }) => names);
  const effects = new Set(
    [...Object.keys(fired), ...expected].flatMap(
      (name) => /^(?:call|(?:kill|stop) (?:before|after)) (\S+\.\S+)$/.exec(name)?.[1] ?? [],
    ),
  );
  return [...effects]
    .flatMap((effect) => ['before', 'after'].map((side) => `kill ${side} ${effect}`))
    .map((name) => ({ name, times: fired[name] ?? 0 }))
    .sort((one, other) => one.times - other.times);
}
