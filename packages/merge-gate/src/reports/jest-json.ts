/** The JSON of `jest --json --outputFile` and of Vitest's `json` reporter, which has the same shape. */
import { parseJson } from '../adapters/json-text.ts';
import { FailureList, type ReportReading } from './report-reading.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Counts assertion results one by one; a file that could not be loaded counts as a failing name. Total. `root` leads its paths. */
export function readJestJson(text: string, root: string): ReportReading {
  const files = fields(parseJson(text))?.['testResults'];
  if (!Array.isArray(files)) return { kind: 'unreadable', reason: 'it is no JSON of Jest: there is no testResults' };
  const failures = new FailureList();
  let total = 0;
  let ran = 0;
  for (const file of files.map(fields)) {
    const results = file?.['assertionResults'];
    if (file === null || !Array.isArray(results))
      return { kind: 'unreadable', reason: 'a file of its testResults has no assertionResults' };
    const path = relative(textOf(file['name']), root);
    const before = failures.count;
    for (const result of results.map(fields)) {
      const status = result?.['status'];
      total += 1;
      // Jest's `failing`: it passed because it failed, as it was expected to.
      const isExpected = status === 'passed' && result?.['failing'] === true;
      ran += !isExpected && (status === 'passed' || status === 'failed') ? 1 : 0;
      if (status === 'failed') addFailure(failures, { path, result: result ?? {} });
    }
    // A hook after all tests, or the file itself: no single test is to blame.
    if (file['status'] === 'failed' && failures.count === before) failures.add([path], textOf(file['message']));
  }
  return { kind: 'read', total, ran, failures: failures.kept, failing: failures.count };
}

function addFailure(failures: FailureList, { path, result }: { readonly path: string; readonly result: Fields }): void {
  const messages = Array.isArray(result['failureMessages']) ? result['failureMessages'].map(textOf) : [];
  const titles = Array.isArray(result['ancestorTitles']) ? result['ancestorTitles'].map(textOf) : [];
  failures.add([path, ...titles, textOf(result['title'])], messages.join('\n'));
}

const relative = (path: string, root: string): string =>
  path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;

const fields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
