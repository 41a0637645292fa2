/** What a test report says, whatever its format. */

/** A failing test and the part of the report that says why, bounded. */
export interface FailedTest {
  readonly name: string;
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
      readonly failures: readonly FailedTest[];
    }
  | { readonly kind: 'unreadable'; readonly reason: string };

const MAX_NAME_CHARS = 500;
const MAX_DETAIL_CHARS = 1_500;

// biome-ignore lint/suspicious/noControlCharactersInRegex: a name ends up in logs and comments, where control characters act
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** A name on one line: its parts in order, empty ones and repetitions left out. */
export function testName(parts: readonly string[]): string {
  const plain = parts.map((part) => part.slice(0, MAX_NAME_CHARS).replace(CONTROL, ' ').trim());
  const told = plain.filter((part, index) => part !== '' && part !== plain[index - 1]);
  return told.join(' > ').slice(0, MAX_NAME_CHARS) || '(unnamed)';
}

/** The beginning of what a report says about a failure. */
export const testDetail = (text: string): string => text.slice(0, MAX_DETAIL_CHARS).trim();
