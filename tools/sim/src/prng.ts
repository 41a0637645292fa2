/** Seeded chance (sfc32): the same seed rolls the same numbers on every machine. */

export interface Prng {
  /** A whole number from 0 to `sides` - 1. */
  below(sides: number): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True `perMillion` times in a million. */
  hits(perMillion: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** A generator of its own, so that one more roll here moves nothing there. */
  fork(): Prng;
}

export function createPrng(seed: number): Prng {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed >>> 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  // The first numbers of close seeds are close, too.
  for (let round = 0; round < 15; round += 1) next();
  const below = (sides: number): number => Math.floor((next() / 4_294_967_296) * sides);
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    hits: (perMillion) => perMillion > 0 && below(1_000_000) < perMillion,
    pick: <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item,
    fork: () => createPrng(next()),
  };
}

/** Seed of world number `index` of a campaign: one number names the world for ever. */
export function worldSeed(seed: number, index: number): number {
  let mixed = (Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97) >>> 0;
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
