/**
 * Worlds one after the other, or on several threads, until enough lifetimes were lived. Which worlds are lived depends
 * on the seed and the number alone: a report says the same on any number of threads.
 */
import { createHash } from 'node:crypto';
import { type BatchReport, type FoundViolation, liveBatch, type WorldBatch } from './batch.ts';
import { addCounters, type CoverageCounters } from './coverage-counters.ts';
import { neverFired } from './expected.ts';
import { startThreads } from './threads.ts';

export interface SimulateOptions {
  readonly seed: number;
  /** At least this many tasks go from entry to end. */
  readonly lifetimes: number;
  /** 0: in this thread, which is under virtual time meanwhile. */
  readonly threads?: number;
  /** Lives only the world of this index, for a replay. */
  readonly world?: number;
  /** Gets what happens in that world, line by line. */
  readonly onLine?: (line: string) => void;
  /** Gets now and then how far it is; a batch that is not needed in the end counts here, too. */
  readonly onProgress?: (soFar: Progress) => void;
  readonly digest?: boolean;
}

export interface Progress {
  readonly lifetimes: number;
  readonly violations: number;
}

export interface SimulationReport {
  readonly seed: number;
  readonly lifetimes: number;
  readonly worlds: number;
  readonly violations: readonly FoundViolation[];
  /** How often each fault and each path of interest came up, by name. */
  readonly fired: Readonly<Record<string, number>>;
  /** What should have come up in so many lifetimes and did not: the run proves less than it says. */
  readonly neverFired: readonly string[];
  /** Of everything that was logged in all worlds; absent unless asked for. */
  readonly digest?: string;
}

const MEAN_LIFETIMES = 9;
const MOST_WORLDS = 25;
const ENOUGH_VIOLATIONS = 3;

export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  const { seed, lifetimes, world, threads = 0, digest = false, onLine, onProgress } = options;
  if (world !== undefined) {
    const tracing = onLine === undefined ? {} : { onLine };
    return reportOf(options, [await liveBatch({ seed, digest, ...tracing }, { first: world, count: 1 })]);
  }
  const count = Math.min(MOST_WORLDS, Math.max(1, Math.ceil(lifetimes / MEAN_LIFETIMES / 4)));
  const crew = threads === 0 ? null : startThreads(threads, { seed, digest });
  const lanes = crew?.lanes ?? [(batch: WorldBatch) => liveBatch({ seed, digest }, batch)];
  const done: BatchReport[] = [];
  let next = 0;
  const lane = async (live: (batch: WorldBatch) => Promise<BatchReport>): Promise<void> => {
    while (enoughOf(done, lifetimes) === null) {
      const first = next;
      next += count;
      done.push(await live({ first, count }));
      onProgress?.(progressOf(done));
    }
  };
  try {
    await Promise.all(lanes.map(lane));
  } finally {
    await crew?.end();
  }
  return reportOf(options, enoughOf(done, lifetimes) ?? done);
}

const progressOf = (done: readonly BatchReport[]): Progress => ({
  lifetimes: done.reduce((sum, batch) => sum + batch.lifetimes, 0),
  violations: done.reduce((sum, batch) => sum + batch.violations.length, 0),
});

/** The batches from the first one on that are enough; null while they are not, or while there is a gap before that. */
function enoughOf(done: readonly BatchReport[], lifetimes: number): readonly BatchReport[] | null {
  const ordered = done.toSorted((one, other) => one.first - other.first);
  let lived = 0;
  let broken = 0;
  let next = 0;
  for (const [at, batch] of ordered.entries()) {
    if (batch.first !== next) return null;
    next += batch.worlds;
    lived += batch.lifetimes;
    broken += batch.violations.length;
    if (lived >= lifetimes || broken >= ENOUGH_VIOLATIONS) return ordered.slice(0, at + 1);
  }
  return null;
}

function reportOf({ seed, digest, world }: SimulateOptions, batches: readonly BatchReport[]): SimulationReport {
  const counters: CoverageCounters = new Map();
  for (const batch of batches) addCounters(counters, batch.counters);
  const lifetimes = batches.reduce((sum, batch) => sum + batch.lifetimes, 0);
  const all = createHash('sha256').update(batches.flatMap((batch) => batch.digests).join());
  return {
    seed,
    lifetimes,
    worlds: batches.reduce((sum, batch) => sum + batch.worlds, 0),
    violations: batches.flatMap((batch) => batch.violations),
    fired: Object.fromEntries([...counters].sort(([one], [other]) => (one < other ? -1 : 1))),
    neverFired: world === undefined ? neverFired(counters, lifetimes) : [],
    ...(digest === true ? { digest: all.digest('hex') } : {}),
  };
}
