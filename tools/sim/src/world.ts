/**
 * One world from its first task to its end: services that live and die, gates, a forge, people, and after a while no
 * more faults, so that everything left undone has to come to its end.
 */
import { createHash } from 'node:crypto';
import { buildWorld, HEAL_MS, START_MS } from './build-world.ts';
import { Clock } from './clock.ts';
import type { CoverageCounters } from './coverage-counters.ts';
import type { Database } from './database.ts';
import { idleBackoff } from './idle-backoff.ts';
import type { Violation } from './invariant-checker.ts';
import { isOver } from './invariants/invariant.ts';
import { populate } from './populate.ts';
import type { Snapshot } from './snapshot.ts';
import { underVirtualTime } from './virtual-time.ts';
import type { WorldState } from './world-state.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly digest?: boolean;
  /** Instead of the one that the seed draws, if any: one of `RARE_SPOTS`. */
  readonly rareSpot?: string;
  /** Gets what happens, line by line. */
  readonly onLine?: (line: string) => void;
}

export interface WorldReport {
  readonly seed: number;
  /** Tasks that entered. */
  readonly lifetimes: number;
  readonly violations: readonly Violation[];
  readonly counters: CoverageCounters;
  readonly virtualMs: number;
  /** Of everything that was logged and where every branch ended; null unless asked for. */
  readonly digest: string | null;
}

/** Without faults, everything must come to its end within a day. */
const LIMIT_MS = HEAL_MS + 24 * 3_600_000;
const STEP_LIMIT = 200_000;
/** What pull requests are still to be told. */
const UNSENT = `SELECT 1 FROM outbox WHERE state = 'pending' AND kind IN ('tell', 'finish-pull-request') LIMIT 1`;

export async function liveWorld(database: Database, options: WorldOptions): Promise<WorldReport> {
  const clock = new Clock(START_MS);
  database.empty();
  return underVirtualTime(clock, () => live(database, options, clock));
}

async function live(database: Database, options: WorldOptions, clock: Clock): Promise<WorldReport> {
  const world = await buildWorld(database, options, clock);
  const { state, checker } = world;
  populate(world);
  const idleSkip = idleBackoff(database, state);
  const areOver = checkedOnce((tasks: Snapshot['tasks']) => [...tasks.values()].every(isOver));
  const untilMs = START_MS + (world.rareSpot?.livesMs ?? 0);
  const unsent = database.query(UNSENT).pluck();
  const hasEnded = (): boolean =>
    world.coming === 0 &&
    clock.nowMs >= untilMs &&
    areOver(checker.snapshot().tasks) &&
    (state.pullRequests.length === 0 || unsent.get() === undefined);
  let steps = 0;
  const limitMs = Math.max(untilMs, START_MS + LIMIT_MS);
  while (checker.violations.length === 0 && !hasEnded() && clock.nowMs < limitMs && steps < STEP_LIMIT) {
    steps += 1;
    if (!(await clock.step(idleSkip))) break;
  }
  if (checker.violations.length === 0) checker.atEnd();
  return {
    seed: options.seed,
    lifetimes: checker.snapshot().tasks.size,
    violations: [...checker.violations],
    counters: state.counters,
    virtualMs: clock.nowMs - START_MS,
    digest: options.digest === true ? digestOf(database, state) : null,
  };
}

/** Asks again only for another object. */
function checkedOnce<Subject>(check: (subject: Subject) => boolean): (subject: Subject) => boolean {
  let last: { readonly subject: Subject; readonly answer: boolean } | null = null;
  return (subject) => {
    if (last?.subject !== subject) last = { subject, answer: check(subject) };
    return last.answer;
  };
}

function digestOf({ sqlite }: Database, { heads }: WorldState): string {
  const digest = createHash('sha256');
  for (const query of ['SELECT * FROM events ORDER BY seq', 'SELECT * FROM jobs ORDER BY id', 'SELECT * FROM outbox'])
    digest.update(JSON.stringify(sqlite.prepare(query).raw().all()));
  return digest.update(JSON.stringify([...heads])).digest('hex');
}
