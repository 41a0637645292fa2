/** Tells the memory of tests what a run of the whole suite showed. What goes wrong here is a warning and no more. */
import { callPort, isCrashed } from './call-port.ts';
import type { ResultKey, TestMemoryPort } from './ports.ts';
import type { Retest } from './retest.ts';
import { seenTests } from './test-history.ts';

/** What the run was about. */
export interface TestedSuite {
  readonly memory: TestMemoryPort | undefined;
  readonly repo: string;
  readonly key: ResultKey;
}

/** Records the re-test, quarantined failures included. Answers it as it is, with a warning where the memory failed. */
export async function rememberTests({ memory, repo, key }: TestedSuite, retest: Retest): Promise<Retest> {
  if (memory === undefined || (retest.kind !== 'green' && retest.kind !== 'red')) return retest;
  const tests = seenTests(retest.run, retest.quarantined);
  if (tests === null) return retest;
  const answer = await callPort('tests.record', () => memory.record({ repo, key, tests }));
  if (!isCrashed(answer) || retest.kind === 'red') return retest;
  return { ...retest, warnings: [...retest.warnings, `tests-unrecorded: ${answer.error.message}`] };
}
