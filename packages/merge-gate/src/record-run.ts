/** From what a command did to the record of it: counted, classified, and with the part of its log that matters. */
import { type GroupRun, outputText, type runInGroup } from '@gatehouse/proc-group';
import { readReport } from './adapters/report-files.ts';
import { classifyRetestFailure } from './classify.ts';
import { countTests, type TestCount } from './count-tests.ts';
import { failureDetails } from './failure-details.ts';
import type { TestPolicy } from './request.ts';
import { countReport, reportedTests } from './test-report.ts';
import type { RecordedRun, RecordedTests } from './verdict.ts';

/** Stands in for a test name when the setup command is what fails. */
const SETUP_FAILED = '(setup)';

const EXCERPT_CHARS = 4_000;
const MAX_DETAILS = 10;
const NO_TESTS_EXPECTED: TestCount = { kind: 'unknown', reason: 'a setup command runs no tests', failed: [] };

/** A command that ended, and what it was run for. */
export interface EndedCommand {
  readonly run: Awaited<ReturnType<typeof runInGroup>>;
  readonly about: Pick<RecordedRun, 'purpose' | 'commit' | 'tree' | 'command' | 'startedAt'>;
  readonly policy: TestPolicy;
  readonly slotDir: string;
}

/** The record of one command. Reads the report that the policy names; everything else is known already. */
export async function recordRun({ run, about, policy, slotDir }: EndedCommand): Promise<RecordedRun> {
  if (run.kind === 'crashed')
    return { ...about, ...UNRUN, durationMs: Date.now() - about.startedAt, ...crash(run.error) };
  const isSetup = about.purpose === 'setup';
  const output = `${outputText(run.stdout)}\n${outputText(run.stderr)}`;
  const tests = isSetup ? NO_TESTS_EXPECTED : await testsOf(run, { policy, slotDir, output });
  const minTests = isSetup ? 0 : policy.minTests;
  const { ending, outcome, reason } = classifyRetestFailure({ run, output, tests, minTests });
  return {
    ...about,
    durationMs: Math.round(run.timings.totalMs),
    outcome,
    ending,
    reason: isSetup ? `setup: ${reason}` : reason,
    tests: recordedTests({ tests, output, isRed: outcome === 'red', isSetup }),
    ...(run.kind === 'exited' ? { exitCode: run.code } : {}),
    level: run.level,
    leftovers: run.containment.leftovers.length,
    verified: run.containment.verified,
    ...(run.logPath === undefined ? {} : { logPath: run.logPath }),
    excerpt: output.trimEnd().slice(-EXCERPT_CHARS),
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
    ...(tests.kind === 'counted' ? { total: tests.ran } : {}),
    ...(failed.length === 0 ? {} : { failed }),
    ...(details.length === 0 ? {} : { details }),
  };
}

const UNRUN = { level: 'plain', leftovers: 0, verified: false } as const;

/** A full disk under the log file is the machine's trouble; every other crash is a bug of ours. */
function crash(error: Error): Pick<RecordedRun, 'outcome' | 'ending' | 'reason'> {
  const full = /\bENOSPC\b|\bEDQUOT\b/.test(error.message);
  const reason = `the run could not be supervised: ${error.message}`;
  return full ? { outcome: 'infra', ending: 'disk-full', reason } : { outcome: 'tool-failed', reason };
}
