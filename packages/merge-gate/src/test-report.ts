/** Counts a run's tests from the report its policy names. What cannot be read is said, never guessed. */
import { countOfReport, countTests, type TestCount, tapOf } from './count-tests.ts';
import { MAX_FAILED_NAMES } from './output-parsers/counts.ts';
import { readCtrf } from './reports/ctrf.ts';
import { readJestJson } from './reports/jest-json.ts';
import { readJunit } from './reports/junit.ts';
import { type ReportReading, testName } from './reports/report-reading.ts';
import type { TestReport } from './request.ts';

const READERS: { readonly [Format in TestReport['format']]: (text: string, root: string) => ReportReading } = {
  junit: readJunit,
  'jest-json': readJestJson,
  ctrf: readCtrf,
  tap: (text) => {
    const tally = tapOf(text);
    if (tally?.counted == null) return { kind: 'unreadable', reason: 'it is no TAP with a plan' };
    const failures = tally.failed.map((name) => ({ name: testName([name]), detail: '' }));
    return { kind: 'read', ...tally.counted, failures, failing: tally.failures };
  },
};

/** One count over all files of a report; one unreadable file spoils it, because a part proves nothing. Total. */
export function countReport(format: TestReport['format'], texts: readonly string[], root: string): ReportReading {
  const failures: Extract<ReportReading, { kind: 'read' }>['failures'][number][] = [];
  let total = 0;
  let ran = 0;
  let failing = 0;
  for (const text of texts) {
    const reading = READERS[format](text, root);
    if (reading.kind === 'unreadable') return reading;
    total += reading.total;
    ran += reading.ran;
    failing += reading.failing;
    failures.push(...reading.failures.slice(0, MAX_FAILED_NAMES - failures.length));
  }
  return { kind: 'read', total, ran, failures, failing };
}

/** A report as the count of a run; without a usable report the output still names what fails. */
export function reportedTests(report: TestReport, reading: ReportReading, output: string): TestCount {
  if (reading.kind === 'unreadable') {
    const reason = `the test report ${report.path} cannot be used: ${reading.reason}`;
    const { failed, failures = failed.length, unbuilt = 0 } = countTests(output);
    return { kind: 'unreported', reason, failed, failures, unbuilt };
  }
  return countOfReport(report.format, reading);
}
