/** What the end of a re-test's command proves: its tests, counted, and the words of those that failed. */
import type { EndedCommand, Judgement, RecordedTests } from '@gatehouse/gate-run';
import type { GroupRun } from '@gatehouse/proc-group';
import { readReport } from './adapters/report-files.ts';
import { classifyRetestFailure } from './classify.ts';
import { countTests, MAX_FAILED_NAMES, type TestCount } from './count-tests.ts';
import { failureDetails } from './failure-details.ts';
import type { TestPolicy } from './request.ts';
import { countReport, reportedTests } from './test-report.ts';

/** Stands in for a test name when the setup command is what fails. */
const SETUP_FAILED = '(setup)';

const MAX_DETAILS = 10;
const NO_TESTS_EXPECTED: TestCount = { kind: 'unknown', reason: 'a setup command runs no tests', failed: [] };

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
  const isSetup = step === 'setup';
  const tests = isSetup ? NO_TESTS_EXPECTED : await testsOf(ended, { policy, slotDir, output });
  const minTests = isSetup ? 0 : policy.minTests;
  const { ending, outcome, reason } = classifyRetestFailure({ run: ended, output, tests, minTests });
  return {
    ending,
    outcome,
    reason: isSetup ? `setup: ${reason}` : reason,
    tests: recordedTests({ tests, output, isRed: outcome === 'red', isSetup }),
  };
}

/** A command that was ended from outside left a report of nothing; only its own end makes the report worth reading. */
async function testsOf(
  run: GroupRun,
  { policy, slotDir, output }: { readonly policy: TestPolicy; readonly slotDir: string; readonly output: string },
): Promise<TestCount> {
  const { testReport } = policy;
  if (testReport === undefined || run.kind !== 'exited') return countTests(output);
  const found = await readReport(slotDir, testReport.path);
  const reading =
    found.kind === 'texts'
      ? countReport(testReport.format, found.texts, slotDir)
      : ({ kind: 'unreadable', reason: found.reason } as const);
  return reportedTests(testReport, reading, output);
}

function recordedTests({
  tests,
  output,
  isRed,
  isSetup,
}: {
  readonly tests: TestCount;
  readonly output: string;
  readonly isRed: boolean;
  readonly isSetup: boolean;
}): RecordedTests {
  const failed = isSetup && isRed ? [SETUP_FAILED] : tests.failed;
  const told =
    tests.kind === 'counted' ? tests.details?.filter(({ detail }) => detail !== '').slice(0, MAX_DETAILS) : [];
  const details = told?.length ? told : isRed && !isSetup ? failureDetails(output, failed) : [];
  return {
    ...(tests.kind === 'counted' ? { total: tests.ran, runner: tests.runner } : {}),
    ...(failed.length === 0 ? {} : { failed }),
    ...failuresOf(tests),
    ...(details.length === 0 ? {} : { details }),
  };
}

/** A report names each failure; one that was cut says only that there are more. */
function failuresOf(tests: TestCount): Pick<RecordedTests, 'failures'> {
  const { length = 0 } = (tests.kind === 'counted' && tests.details) || [];
  return length > 0 && length < MAX_FAILED_NAMES ? { failures: length } : {};
}
