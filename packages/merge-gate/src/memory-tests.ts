/** The memory of tests inside one process: for the command line, for tests, and for embedders that never run two. */
import type { ResultKey, TestMemoryPort } from './ports.ts';
import { isFlakyByProof, type TestTally, talliesAfter, testIdentity } from './test-history.ts';

/** What the memory of tests may hold. */
export interface MemoryTestsOptions {
  /** Keys remembered at once over all repositories; the oldest are forgotten first. Default 500. */
  readonly maxKeys?: number;
  /** Names proven flaky that are remembered per repository; the oldest are forgotten first. Default 1000. */
  readonly maxFlaky?: number;
}

interface Suite {
  completeRuns: number;
  ran?: number;
  readonly tallies: Map<string, TestTally>;
}

/** A memory that lasts as long as the returned value. It never fails. */
export function memoryTests({ maxKeys = 500, maxFlaky = 1000 }: MemoryTestsOptions = {}): TestMemoryPort {
  const suites = new Map<string, Suite>();
  const flaky = new Map<string, Set<string>>();
  const remember = (repo: string, name: string): void => {
    const names = flaky.get(repo) ?? new Set();
    flaky.set(repo, youngest(names.add(name), maxFlaky));
  };
  return {
    testsRun: async (repo, { tree, gateDigest }) => {
      const place = JSON.stringify([repo, tree, gateDigest]).slice(0, -1);
      const counted = [...suites].filter(([key, { ran }]) => ran !== undefined && key.startsWith(`${place},`));
      return counted.at(-1)?.[1].ran ?? null;
    },
    knownFlaky: async (repo, names) => names.filter((name) => flaky.get(repo)?.has(testIdentity(name)) === true),
    record: async ({ repo, key, tests }) => {
      const place = placeOf(repo, key);
      const suite: Suite = suites.get(place) ?? { completeRuns: 0, tallies: new Map() };
      for (const [name, tally] of talliesAfter(suite, tests)) {
        suite.tallies.set(name, tally);
        if (isFlakyByProof(tally)) remember(repo, name);
      }
      if (tests.complete) suite.completeRuns += 1;
      if (tests.ran !== undefined) suite.ran = tests.ran;
      suites.delete(place);
      suites.set(place, suite);
      const [oldest] = suites.keys();
      if (suites.size > maxKeys && oldest !== undefined) suites.delete(oldest);
    },
  };
}

const placeOf = (repo: string, { tree, gateDigest, envDigest }: ResultKey): string =>
  JSON.stringify([repo, tree, gateDigest, envDigest]);

function youngest(names: Set<string>, limit: number): Set<string> {
  const [oldest] = names;
  if (names.size > limit && oldest !== undefined) names.delete(oldest);
  return names;
}
