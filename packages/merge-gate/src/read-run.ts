/** Reads what a command left behind: its tests, counted, and the words of those that failed. Runs on any thread. */
import { readReport } from './adapters/report-files.ts';
import { countTests, type TestCount } from './count-tests.ts';
import { failureDetails } from './failure-details.ts';
import type { FailedTest } from './reports/report-reading.ts';
import type { TestReport } from './request.ts';
import { countReport, reportedTests } from './test-report.ts';

/** What is to be read; plain data, so that it can be handed to another thread. */
export interface ReadingJob {
  readonly output: string;
  /** The report that the policy names, and the slot it was written in. */
  readonly report: { readonly definition: TestReport; readonly slotDir: string } | null;
}

/** `details` are of the first few failing names, as far as report or output explain them. */
export interface RunReading {
  readonly tests: TestCount;
  readonly details: readonly FailedTest[];
}

const MAX_DETAILS = 10;

/** Null: the report is larger than `limitBytes`, and was not read. */
export async function readRun({ output, report }: ReadingJob, limitBytes?: number): Promise<RunReading | null> {
  const tests = report === null ? countTests(output) : await testsIn(report, { output, limitBytes });
  return tests === null ? null : { tests, details: detailsOf(tests, output) };
}

async function testsIn(
  { definition, slotDir }: NonNullable<ReadingJob['report']>,
  { output, limitBytes }: { readonly output: string; readonly limitBytes: number | undefined },
): Promise<TestCount | null> {
  const found = await readReport(slotDir, definition.path, limitBytes);
  if (found.kind === 'too-large' && limitBytes !== undefined) return null;
  const reading =
    found.kind === 'texts'
      ? countReport(definition.format, found.texts, slotDir)
      : ({ kind: 'unreadable', reason: found.reason } as const);
  return reportedTests(definition, reading, output);
}

function detailsOf(tests: TestCount, output: string): readonly FailedTest[] {
  const told = tests.kind === 'counted' ? (tests.details?.filter(({ detail }) => detail !== '') ?? []) : [];
  return told.length > 0 ? told.slice(0, MAX_DETAILS) : failureDetails(output, tests.failed);
}
