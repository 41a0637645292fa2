/** CTRF, the Common Test Report Format, which reporters of many runners write as JSON. */
import { parseJson } from '../adapters/json-text.ts';
import { FailureList, type ReportReading } from './report-reading.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Counts `results.tests` one by one; `results.summary` is ignored. A test that passed when tried again is no failure. Total. */
export function readCtrf(text: string): ReportReading {
  const tests = fields(fields(parseJson(text))?.['results'])?.['tests'];
  if (!Array.isArray(tests)) return { kind: 'unreadable', reason: 'it is no CTRF: there is no results.tests' };
  const failures = new FailureList();
  let ran = 0;
  for (const test of tests.map(fields)) {
    const status = test?.['status'];
    if (test === null || typeof status !== 'string')
      return { kind: 'unreadable', reason: 'a test of its results has no status' };
    if (status !== 'passed' && status !== 'failed') continue;
    ran += 1;
    if (status !== 'failed') continue;
    const why = [textOf(test['message']), textOf(test['trace'])].filter((part) => part !== '').join('\n');
    failures.add([...suiteOf(test['suite']), textOf(test['name'])], why);
  }
  return { kind: 'read', total: tests.length, ran, failures: failures.kept, failing: failures.count };
}

/** One text in older versions of the format, a list of names in newer ones. */
function suiteOf(suite: unknown): readonly string[] {
  if (Array.isArray(suite)) return suite.map(textOf);
  return [textOf(suite)];
}

const fields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
