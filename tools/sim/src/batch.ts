/** A run of neighbouring worlds: what one thread does at a time. */

import { addCounters, type CoverageCounters } from './coverage-counters.ts';
import { type Database, openDatabase } from './database.ts';
import type { Violation } from './invariant-checker.ts';
import { worldSeed } from './prng.ts';
import { liveWorld } from './world.ts';

export interface WorldBatch {
  /** Index of the first world. */
  readonly first: number;
  readonly count: number;
}

export interface FoundViolation extends Violation {
  /** Index of the world; with the seed it names the very run. */
  readonly world: number;
}

export interface BatchReport {
  readonly first: number;
  readonly worlds: number;
  readonly lifetimes: number;
  readonly violations: readonly FoundViolation[];
  readonly counters: readonly (readonly [string, number])[];
  readonly digests: readonly string[];
}

export interface BatchOptions {
  readonly seed: number;
  readonly digest: boolean;
  readonly onLine?: (line: string) => void;
}

/** One database for each thread: opening it costs more than a world. */
const kept: { database: Database | null } = { database: null };

export async function liveBatch(
  { seed, digest, onLine }: BatchOptions,
  { first, count }: WorldBatch,
): Promise<BatchReport> {
  kept.database ??= openDatabase();
  const counters: CoverageCounters = new Map();
  const violations: FoundViolation[] = [];
  const digests: string[] = [];
  let lifetimes = 0;
  for (let world = first; world < first + count; world += 1) {
    const tracing = onLine === undefined ? {} : { onLine };
    const report = await liveWorld(kept.database, { seed: worldSeed(seed, world), digest, ...tracing });
    addCounters(counters, report.counters);
    lifetimes += report.lifetimes;
    violations.push(...report.violations.map((violation) => ({ world, ...violation })));
    if (report.digest !== null) digests.push(report.digest);
  }
  return { first, worlds: count, lifetimes, violations, counters: [...counters], digests };
}
