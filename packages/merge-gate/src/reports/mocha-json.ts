/** The JSON that Mocha's `json` reporter prints: every test once, and once more under what became of it. */
import { parseJson } from '../adapters/json-text.ts';
import { FailureList, type ReportReading } from './report-reading.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Counts the listed tests; `stats` is ignored. A hook that fails is no test and counts as a failing name. Total. */
export function readMochaJson(text: string): ReportReading {
  const report = fields(parseJson(text));
  const [tests, pending, failed] = ['tests', 'pending', 'failures'].map((list) => report?.[list]);
  if (!Array.isArray(tests) || !Array.isArray(pending) || !Array.isArray(failed))
    return { kind: 'unreadable', reason: 'it is no JSON of Mocha: tests, pending or failures is missing' };
  const failures = new FailureList();
  for (const failure of failed.map(fields)) {
    const { message, stack } = fields(failure?.['err']) ?? {};
    failures.add([textOf(failure?.['fullTitle'])], textOf(stack) || textOf(message));
  }
  const ran = Math.max(0, tests.length - pending.length);
  return { kind: 'read', total: tests.length, ran, failures: failures.kept, failing: failures.count };
}

const fields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
