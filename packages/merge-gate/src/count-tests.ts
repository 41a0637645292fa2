/**
 * Counts tests from the runner's own output. What cannot be read is `unknown`, never a guess: a suite that prints
 * nothing countable still passes, with a warning. A branch can print a false count; the policy's command is what is trusted.
 */
import { normaliseTestName } from './normalise-test-name.ts';
import { type Counts, MAX_FAILED_NAMES, type OutputParser, type Runner } from './output-parsers/counts.ts';
import { RUNNERS } from './output-parsers/runners.ts';
import { tap } from './output-parsers/tap.ts';
import { findPrintedReport } from './printed-report.ts';
import type { FailedTest, ReportReading } from './reports/report-reading.ts';
import { LineSplitter } from './split-lines.ts';

/** What every answer says about failures. */
interface Failing {
  /** Names of failing tests, at most 500; may be fewer than failed when the output was cut. */
  readonly failed: readonly string[];
  /** How many failed, by the runner's own count, named or not. Absent: as many as are named. */
  readonly failures?: number;
  /** How many of those are builds that failed, and no tests. Absent: none. */
  readonly unbuilt?: number;
}

/** What is known of the tests of one run. */
export type TestCount =
  | (Failing & {
      readonly kind: 'counted';
      /** Names of the runners that were recognised, joined by `+`. */
      readonly runner: string;
      /** Everything the runners listed. */
      readonly total: number;
      /** What really ran: skipped and todo tests prove nothing. */
      readonly ran: number;
      /** What a report says about failures; a runner's output says it in its own words. */
      readonly details?: readonly FailedTest[];
    })
  /** The policy names a report and the run did not leave one that can be read: nothing was proven. */
  | (Failing & {
      readonly kind: 'unreported';
      /** Why nothing can be counted. */
      readonly reason: string;
    })
  /** `runner`: one that counts was recognised, and what it says is not the whole. */
  | (Failing & {
      readonly kind: 'unknown';
      /** Why nothing can be counted. */
      readonly reason: string;
      /** Names of the runners that were recognised, joined by `+`. */
      readonly runner?: string;
    });

/** How many tests failed by what was read. */
export const failuresOf = ({ failures, failed }: TestCount): number => failures ?? failed.length;

/** What a run keeps of its output, in characters: beginning and end of both streams. Beyond it the middle is passed over. */
const MAX_OUTPUT_CHARS = 4 * 1_048_576 + 1_024;

/** Reads one command's output. Several summaries (a monorepo's packages) add up. Total. */
export function countTests(output: string): TestCount {
  const reader = new OutputReader();
  if (output.length > MAX_OUTPUT_CHARS) {
    reader.write(output.slice(0, MAX_OUTPUT_CHARS / 2));
    reader.write(`\n[... ${output.length - MAX_OUTPUT_CHARS} bytes left out ...]\n`);
    reader.write(output.slice(-MAX_OUTPUT_CHARS / 2));
  } else reader.write(output);
  const told = reader.end();
  const isSilent = told.kind === 'unknown' && told.runner === undefined && told.failed.length === 0;
  return isSilent ? (printedTests(output) ?? told) : told;
}

/** Only where no runner spoke in words: a test may print a report of its own beside them. */
function printedTests(output: string): TestCount | null {
  const printed = findPrintedReport(output);
  if (printed === null) return null;
  if (printed.kind === 'unreadable') return { kind: 'unknown', reason: printed.reason, failed: [] };
  return countOfReport(printed.format, printed.reading);
}

/** A report as a count; `runner` is what the verdict calls it. */
export function countOfReport(runner: string, reading: Extract<ReportReading, { kind: 'read' }>): TestCount {
  const { total, ran, failures: details, failing } = reading;
  const failed = [...new Set(details.map(({ name }) => name))];
  const failures = failing === failed.length ? {} : { failures: failing };
  return { kind: 'counted', runner, total, ran, failed, ...failures, details };
}

/** One runner alone: a text that is TAP and nothing else. */
export function tapOf(text: string): Counts | null {
  const parser = tap.open();
  const splitter = new LineSplitter((line) => parser.line(line));
  splitter.write(text);
  splitter.end();
  return parser.end();
}

type Runners = { readonly [name: string]: Runner };

/** Which runners want a line, by the code of its first character after the indentation; `otherwise` for all other codes. */
interface Dispatch {
  readonly byCode: ReadonlyMap<number, readonly string[]>;
  readonly otherwise: readonly string[];
}

const dispatches = new WeakMap<Runners, Dispatch>();

function dispatchOf(runners: Runners): Dispatch {
  const known = dispatches.get(runners);
  if (known !== undefined) return known;
  const wanting = (sign: string): readonly string[] =>
    Object.keys(runners).filter((name) => runners[name]?.starts?.includes(sign) ?? true);
  const signs = new Set(Object.values(runners).flatMap(({ starts = '' }) => [...starts]));
  const dispatch = {
    byCode: new Map([...signs].map((sign) => [sign.charCodeAt(0), wanting(sign)])),
    otherwise: Object.keys(runners).filter((name) => runners[name]?.starts === undefined),
  };
  dispatches.set(runners, dispatch);
  return dispatch;
}

/** Reads an output as it comes; every runner sees each line once. Memory does not grow with the output. */
export class OutputReader {
  readonly #parsers: ReadonlyMap<string, OutputParser>;
  readonly #parsersFor: ReadonlyMap<number, readonly OutputParser[]>;
  readonly #otherwise: readonly OutputParser[];
  readonly #splitter: LineSplitter;

  /** `runners`: by name; all of them unless told otherwise. */
  constructor(runners: Runners = RUNNERS) {
    const { byCode, otherwise } = dispatchOf(runners);
    const parsers = new Map(Object.entries(runners).map(([name, { open }]) => [name, open()]));
    const opened = (names: readonly string[]): OutputParser[] => names.flatMap((name) => parsers.get(name) ?? []);
    this.#parsers = parsers;
    this.#parsersFor = new Map([...byCode].map(([code, names]) => [code, opened(names)]));
    this.#otherwise = opened(otherwise);
    this.#splitter = new LineSplitter((line) => this.#line(line));
  }

  write(text: string): void {
    this.#splitter.write(text);
  }

  end(): TestCount {
    this.#splitter.end();
    const read = [...this.#parsers].flatMap(([name, parser]) => {
      const counts = parser.end();
      return counts === null ? [] : [{ name, counts }];
    });
    // With -v prove prints the TAP that it counts.
    const isCountedTwice = read.some(({ name }) => name === 'prove');
    return summed(isCountedTwice ? read.filter(({ name }) => name !== 'tap') : read);
  }

  #line(line: string): void {
    let at = 0;
    let code = line.charCodeAt(0);
    while (code === SPACE || code === TAB) {
      at += 1;
      code = line.charCodeAt(at);
    }
    if (at === line.length) return;
    for (const parser of this.#parsersFor.get(code) ?? this.#otherwise) parser.line(line);
  }
}

const SPACE = 32;
const TAB = 9;

function whyUnknown(read: Parameters<typeof summed>[0]): { readonly reason: string; readonly runner?: string } {
  const [cut] = read.filter(({ counts }) => counts.incomplete !== undefined);
  if (cut === undefined) return { reason: 'no test summary was recognised in the output' };
  return { reason: `${cut.name}: ${cut.counts.incomplete}`, runner: cut.name };
}

function summed(read: readonly { readonly name: string; readonly counts: Counts }[]): TestCount {
  const names = read.flatMap(({ counts }) => counts.failed.map(normaliseTestName));
  const failed = [...new Set(names)].slice(0, MAX_FAILED_NAMES);
  const failures = read.reduce((sum, { counts }) => sum + counts.failures, 0);
  const unbuilt = read.reduce((sum, { counts }) => sum + (counts.unbuilt ?? 0), 0);
  const failing = {
    failed,
    ...(failures === failed.length ? {} : { failures }),
    ...(unbuilt === 0 ? {} : { unbuilt }),
  };
  const counted = read.flatMap(({ name, counts }) => (counts.counted === null ? [] : [{ name, ...counts.counted }]));
  if (counted.length === 0) return { kind: 'unknown', ...whyUnknown(read), ...failing };
  return {
    kind: 'counted',
    runner: counted.map(({ name }) => name).join('+'),
    total: counted.reduce((sum, { total }) => sum + total, 0),
    ran: counted.reduce((sum, { ran }) => sum + ran, 0),
    ...failing,
  };
}
