/** Which tests were red and green on one tree. */
import type { ResultKey } from './results.ts';

/** One run of a test command, with the tests that failed in it. */
export interface SeenSuite {
  readonly repoId: string;
  readonly key: ResultKey;
  /** Names of failing tests; the first 500 are kept. */
  readonly failed: readonly string[];
  /** Every failure was counted and named: what is not in `failed` did not fail. */
  readonly complete: boolean;
  /** Tests that ran, of a green run that counted them. */
  readonly ran?: number | undefined;
  readonly atMs: number;
}

/** A test that is flaky by proof; the numbers are sums over the trees on which it was red and green. */
export interface FlakyTest {
  /** At most 300 characters and of any kind, control and direction characters too: escape it where it is shown. */
  readonly name: string;
  readonly reds: number;
  readonly greens: number;
  readonly trees: number;
  /** When it was proven first, of the trees that are still remembered. */
  readonly provenFlakyAt: number;
  readonly lastSeen: number;
}

export interface TestHistoryStore {
  /** Counts one run. At most 5000 tests that are not proven, 1000 that are and 1000 suites are kept per repository. */
  recordTests(run: SeenSuite): Promise<void>;
  /** How many tests the newest counted green run of this tree ran under this definition; null: none is remembered. */
  testsRun(repoId: string, key: Pick<ResultKey, 'tree' | 'gateDigest'>): Promise<number | null>;
  /** Those of `names` that are flaky by proof in this repository. */
  provenFlaky(repoId: string, names: readonly string[]): Promise<string[]>;
  /** The last seen first; 1000 at most. */
  flakyTests(filter: { repoId: string; limit?: number }): Promise<FlakyTest[]>;
}
