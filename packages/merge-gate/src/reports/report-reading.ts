/** What a test report says, whatever its format. */
import { normaliseTestName } from '../normalise-test-name.ts';
import { MAX_FAILED_NAMES } from '../output-parsers/counts.ts';

/** A failing test and the part of the report that says why, bounded. */
export interface FailedTest {
  /** The test, as the report names it. */
  readonly name: string;
  /** What the report says of it, bounded. */
  readonly detail: string;
}

/** `unreadable` says in one line why; a report is used whole or not at all. */
export type ReportReading =
  | {
      readonly kind: 'read';
      /** Every test the report lists, counted one by one; a summary is ignored. */
      readonly total: number;
      /** What really ran: skipped and disabled tests prove nothing. */
      readonly ran: number;
      /** The first of what failed, in the order of the report. */
      readonly failures: readonly FailedTest[];
      /** How many failed, suites that failed outside of any test included. */
      readonly failing: number;
    }
  | { readonly kind: 'unreadable'; readonly reason: string };

const MAX_NAME_CHARS = 500;
const MAX_DETAIL_CHARS = 1_500;

// biome-ignore lint/suspicious/noControlCharactersInRegex: a name ends up in logs and comments, where control characters act
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** A name on one line, the same in every run: its parts in order, empty ones and repetitions left out. */
export function testName(parts: readonly string[]): string {
  const plain = parts.map((part) => part.slice(0, MAX_NAME_CHARS).replace(CONTROL, ' ').trim());
  const told = plain.filter((part, index) => part !== '' && part !== plain[index - 1]);
  return normaliseTestName(told.join(' > ')) || '(unnamed)';
}

/** The beginning of what a report says about a failure. */
export const testDetail = (text: string): string => text.slice(0, MAX_DETAIL_CHARS).trim();

/** Failures as they are found: all are counted, the first are kept. */
export class FailureList {
  readonly kept: FailedTest[] = [];
  count = 0;

  add(parts: readonly string[], detail: string): void {
    this.count += 1;
    if (this.kept.length < MAX_FAILED_NAMES) this.kept.push({ name: testName(parts), detail: testDetail(detail) });
  }
}
