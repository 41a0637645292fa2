/**
 * What runs say about single tests. A test that was red and green on one tree, under one gate definition, in one
 * environment is flaky by proof. Pure; every form of the memory of tests counts by this rule.
 */
import { createHash } from 'node:crypto';
import type { CommandRun } from '@gatehouse/gate-run';

/** How often one test ended each way under one key (tree, gate digest, environment digest). */
export interface TestTally {
  /** How often it was red. */
  readonly reds: number;
  /** How often it was green. */
  readonly greens: number;
}

/** What one run says about tests. */
export interface SeenTests {
  /** Failing tests, as the runner names them. */
  readonly failed: readonly string[];
  /** The runner counted its tests and every failure has a name: a test that is not named did not fail. */
  readonly complete: boolean;
  /** Tests that ran, of a green run that counted them. */
  readonly ran?: number | undefined;
}

/** What is known of one key before a run. */
export interface KnownSuite {
  /** Complete runs so far. */
  readonly completeRuns: number;
  /** By identity; a test that never failed under this key has none. */
  readonly tallies: ReadonlyMap<string, TestTally>;
}

export const NO_TALLIES: ReadonlyMap<string, TestTally> = new Map();
/** More failing names than this of one run are not remembered. */
export const MAX_REMEMBERED_NAMES = 500;
/** A remembered name is at most this long, in UTF-16 units. */
export const MAX_NAME_CHARS = 300;
const DIGEST_CHARS = 12;

/** Red and green on one tree: the code under test was the same, so it is not what differed. */
export const isFlakyByProof = ({ reds, greens }: TestTally): boolean => reds > 0 && greens > 0;

/**
 * The tallies that a run changes. A test that fails for the first time under a key was green in each complete run before;
 * one that failed before and is not named by a complete run is green now. A run that is not complete counts no green.
 */
export function talliesAfter(known: KnownSuite, { failed, complete }: SeenTests): ReadonlyMap<string, TestTally> {
  const red = new Set(failed.slice(0, MAX_REMEMBERED_NAMES).map(testIdentity));
  const changed = new Map<string, TestTally>();
  for (const name of red) {
    const { reds, greens } = known.tallies.get(name) ?? { reds: 0, greens: known.completeRuns };
    changed.set(name, { reds: reds + 1, greens });
  }
  if (!complete) return changed;
  for (const [name, { reds, greens }] of known.tallies)
    if (!red.has(name)) changed.set(name, { reds, greens: greens + 1 });
  return changed;
}

/**
 * The name under which a test is remembered: the runner's own where it is short and well-formed, else its beginning and
 * a digest of the whole, so that two long names stay two.
 */
export function testIdentity(name: string): string {
  const plain = name.replaceAll('\0', '\uFFFD').toWellFormed();
  if (plain === name && name.length <= MAX_NAME_CHARS) return name;
  const digest = createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('hex').slice(0, DIGEST_CHARS);
  const start = plain.slice(0, MAX_NAME_CHARS - DIGEST_CHARS - 1).toWellFormed();
  return `${start}~${digest}`;
}

/** Runs of the whole suite. One of a few tests alone shows another question's answer: other tests did not run before them. */
const WHOLE_SUITE: ReadonlySet<string> = new Set(['branch', 'branch-again', 'base', 'probe']);

/** What a run of the test command says; null: it says nothing about single tests. */
export function seenTests(run: CommandRun, setAside: readonly string[] = []): SeenTests | null {
  const named = [...(run.tests?.failed ?? []), ...setAside];
  const failed = [...new Set(named)];
  if (!WHOLE_SUITE.has(run.purpose) || (run.outcome !== 'green' && run.outcome !== 'red')) return null;
  const complete =
    failed.length === 0 && run.outcome === 'green' ? run.tests?.total !== undefined : namesAll(run, failed);
  if (failed.length === 0 && !complete) return null;
  return { failed, complete, ...(run.outcome === 'green' ? { ran: run.tests?.total } : {}) };
}

/** The runner counted its failures, and as many have a name of their own. */
export function namesAll({ tests }: Pick<CommandRun, 'tests'>, failed: readonly string[]): boolean {
  const { total, failures } = tests ?? {};
  return total !== undefined && failures !== undefined && failures > 0 && new Set(failed).size === failures;
}
