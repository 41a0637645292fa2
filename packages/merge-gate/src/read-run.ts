/** Reads what a command left behind: its tests, counted, and the words of those that failed. Runs on any thread. */
import { readReport } from './adapters/report-files.ts';
import { countTests, failuresOf, type TestCount } from './count-tests.ts';
import { failureDetails } from './failure-details.ts';
import type { FailedTest } from './reports/report-reading.ts';
import type { TestReport } from './request.ts';
import { findSilentFile } from './silent-files.ts';
import { countReport, reportedTests } from './test-report.ts';

/** What is to be read; plain data, so that it can be handed to another thread. */
export interface ReadingJob {
  readonly output: string;
  /** The directory the command ran in; paths into it are read as relative, so that every slot names a test alike. */
  readonly slotDir: string;
  /** The report that the policy names. */
  readonly report: TestReport | null;
  /** Only some tests were to run: a file of which none is among them reports none. */
  readonly selected?: boolean;
}

/** `details` are of the first few failing names, as far as report or output explain them. */
export interface RunReading {
  readonly tests: TestCount;
  readonly details: readonly FailedTest[];
}

const MAX_DETAILS = 10;

/** Null: the report is larger than `limitBytes`, and was not read. */
export async function readRun(
  { output, slotDir, report, selected = false }: ReadingJob,
  limitBytes?: number,
): Promise<RunReading | null> {
  const relative = (text: string): string => text.replaceAll(`${slotDir}/`, '');
  const said = relative(output);
  if (report === null) return readingOf(selected ? countTests(said) : await countedWhole(slotDir, said), said);
  const found = await readReport(slotDir, report.path, limitBytes);
  if (found.kind === 'too-large' && limitBytes !== undefined) return null;
  const reading =
    found.kind === 'texts'
      ? countReport(report.format, found.texts.map(relative), slotDir)
      : ({ kind: 'unreadable', reason: found.reason } as const);
  return readingOf(reportedTests(report, reading, said), said);
}

/** A count in which a file of tests stands for all of its tests is none. */
async function countedWhole(slotDir: string, said: string): Promise<TestCount> {
  const tests = countTests(said);
  if (tests.kind !== 'counted' || failuresOf(tests) > 0) return tests;
  const silent = await findSilentFile(slotDir, said);
  if (silent === null) return tests;
  return { kind: 'unknown', reason: `${silent} ended before any of its tests`, runner: tests.runner, failed: [] };
}

const readingOf = (tests: TestCount, said: string): RunReading => ({ tests, details: detailsOf(tests, said) });

function detailsOf(tests: TestCount, output: string): readonly FailedTest[] {
  const told = tests.kind === 'counted' ? (tests.details?.filter(({ detail }) => detail !== '') ?? []) : [];
  return told.length > 0 ? told.slice(0, MAX_DETAILS) : failureDetails(output, tests.failed);
}
