import { type Counts, type FailingLine, innermostFailures } from './counts.ts';

const RESULT = /^( *)--- (PASS|FAIL|SKIP): (\S+) \([\d.]+s\)$/;
const RUN = /^=== RUN +\S+$/;
const PACKAGE = /^(?:ok|FAIL|\?) *\t(\S+)\t/;
const EMPTY = /\[no test files\]|\[no tests to run\]/;
const BUILD_FAILED = /^FAIL\t(\S+) \[(?:build|setup) failed\]$/;

/**
 * `go test`. Only `-v` says how many tests ran; without it failing names are read and the count stays unknown,
 * unless every package says that it has no tests. go prints a parent before its subtests, so the list is reversed.
 */
export function readGoTest(lines: readonly string[]): Counts | null {
  const results: FailingLine[] = [];
  const failed: string[] = [];
  const seen = { run: 0, skipped: 0, packages: 0, empty: 0 };
  for (const line of lines) {
    if (RUN.test(line)) seen.run += 1;
    const result = RESULT.exec(line);
    if (result !== null) {
      if (result[2] === 'SKIP') seen.skipped += 1;
      results.push({ depth: result[1]?.length ?? 0, name: result[3] ?? '', failed: result[2] === 'FAIL' });
    }
    const broken = BUILD_FAILED.exec(line)?.[1];
    if (broken !== undefined) failed.push(`${broken} (build)`);
    if (PACKAGE.test(line) || broken !== undefined) seen.packages += 1;
    if (PACKAGE.test(line) && EMPTY.test(line)) seen.empty += 1;
  }
  if (seen.packages === 0) return null;
  failed.push(...innermostFailures(results.reverse()).map(lastName));
  if (seen.run > 0) return { counted: { total: seen.run, ran: Math.max(0, seen.run - seen.skipped) }, failed };
  return { counted: seen.empty === seen.packages ? { total: 0, ran: 0 } : null, failed };
}

/** A subtest's own name already carries its parents. */
const lastName = (path: string): string => path.split(' > ').at(-1) ?? path;
