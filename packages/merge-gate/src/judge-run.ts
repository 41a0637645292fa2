/** What the end of a re-test's command proves: its tests, counted, and the words of those that failed. */
import type { EndedCommand, Judgement, RecordedTests } from '@gatehouse/gate-run';
import { readRunAside } from './adapters/reading-thread.ts';
import { classifyRetestFailure } from './classify.ts';
import { failuresOf, type TestCount } from './count-tests.ts';
import type { RunReading } from './read-run.ts';
import type { TestPolicy } from './request.ts';

/** Stands in for a test name when the setup command is what fails. */
export const SETUP_FAILED = '(setup)';

const NO_TESTS_EXPECTED: TestCount = { kind: 'unknown', reason: 'a setup command runs no tests', failed: [] };

/** Options by which node:test passes over tests. */
const SELECTS = /--test-(?:name-pattern|skip-pattern|only)/;

/** The definition a command was run by, and the slot it was run in. */
export interface JudgedBy {
  readonly policy: TestPolicy;
  readonly slotDir: string;
}

/** What a re-test knows better than the shared table: its tests. Reads the report that the policy names. */
export async function judgeRun(
  { policy, slotDir }: JudgedBy,
  { step, ended, output }: EndedCommand,
): Promise<Judgement> {
  if (step === 'setup') return judgeSetup({ ended, output });
  // A command that was ended from outside left a report of nothing; only its own end makes the report worth reading.
  const isByItself = ended.kind === 'exited' || (ended.kind === 'signaled' && ended.inferred === true);
  const report = isByItself ? (policy.testReport ?? null) : null;
  const selected = SELECTS.test(`${policy.command} ${policy.setEnv?.['NODE_OPTIONS'] ?? ''}`);
  const reading = await readRunAside({ output, slotDir, report, selected });
  const facts = { run: ended, output, tests: reading.tests, minTests: policy.minTests };
  const { ending, outcome, reason } = classifyRetestFailure(facts);
  return { ending, outcome, reason, tests: recordedTests(reading, outcome === 'red') };
}

function judgeSetup({ ended, output }: Pick<EndedCommand, 'ended' | 'output'>): Judgement {
  const facts = { run: ended, output, tests: NO_TESTS_EXPECTED, minTests: 0 };
  const { ending, outcome, reason } = classifyRetestFailure(facts);
  return { ending, outcome, reason: `setup: ${reason}`, tests: outcome === 'red' ? { failed: [SETUP_FAILED] } : {} };
}

/** A green or an interrupted run names what failed, too, and does not say why. */
function recordedTests({ tests, details }: RunReading, isRed: boolean): RecordedTests {
  const { failed } = tests;
  const failures = failuresOf(tests);
  return {
    ...(tests.kind === 'counted' ? { total: tests.ran, runner: tests.runner } : {}),
    ...(tests.kind === 'unknown' && tests.runner !== undefined ? { runner: tests.runner } : {}),
    ...(failed.length === 0 ? {} : { failed }),
    ...(failures === 0 ? {} : { failures }),
    ...(details.length === 0 || !isRed ? {} : { details }),
  };
}
