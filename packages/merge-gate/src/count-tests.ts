/**
 * Counts tests from the runner's own output. What cannot be read is `unknown`, never a guess: a suite that prints
 * nothing countable still passes, with a warning. A branch can print a false count; the policy's command is what is trusted.
 */

import { readCargo } from './output-parsers/cargo.ts';
import type { Counts, ParsedOutput } from './output-parsers/counts.ts';
import { readGoTest } from './output-parsers/go-test.ts';
import { readJest } from './output-parsers/jest.ts';
import { readMocha } from './output-parsers/mocha.ts';
import { readNodeSpec } from './output-parsers/node-spec.ts';
import { readPytest } from './output-parsers/pytest.ts';
import { readTap } from './output-parsers/tap.ts';
import { readUnittest } from './output-parsers/unittest.ts';
import { readVitest } from './output-parsers/vitest.ts';
import type { FailedTest } from './reports/report-reading.ts';

export type TestCount =
  | {
      readonly kind: 'counted';
      /** Names of the runners that were recognised, joined by `+`. */
      readonly runner: string;
      /** Everything the runners listed. */
      readonly total: number;
      /** What really ran: skipped and todo tests prove nothing. */
      readonly ran: number;
      /** Names of failing tests, at most 500; may be fewer than failed when the output was cut. */
      readonly failed: readonly string[];
      /** What a report says about failures; a runner's output says it in its own words. */
      readonly details?: readonly FailedTest[];
    }
  /** The policy names a report and the run did not leave one that can be read: nothing was proven. */
  | { readonly kind: 'unreported'; readonly reason: string; readonly failed: readonly string[] }
  | { readonly kind: 'unknown'; readonly reason: string; readonly failed: readonly string[] };

const RUNNERS: { readonly [name: string]: ParsedOutput } = {
  tap: readTap,
  'node:test': readNodeSpec,
  jest: readJest,
  vitest: readVitest,
  mocha: readMocha,
  pytest: readPytest,
  unittest: readUnittest,
  'go test': readGoTest,
  'cargo test': readCargo,
};

/** More names than this are not kept; no reader needs them. */
export const MAX_FAILED_NAMES = 500;
const MAX_LINE_CHARS = 1000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours begin with the escape character
const COLOUR = /\u001b\[[0-9;]*[A-Za-z]/g;

/** Reads one command's whole output. Several summaries (a monorepo's packages) add up. Total. */
export function countTests(output: string): TestCount {
  const lines = linesOf(output);
  const tallies: { readonly name: string; readonly tally: Counts }[] = [];
  for (const [name, read] of Object.entries(RUNNERS)) {
    const tally = read(lines);
    if (tally !== null) tallies.push({ name, tally });
  }
  const failed = [...new Set(tallies.flatMap(({ tally }) => tally.failed))].slice(0, MAX_FAILED_NAMES);
  const counted = tallies.flatMap(({ name, tally }) => (tally.counted === null ? [] : [{ name, ...tally.counted }]));
  if (counted.length === 0) return { kind: 'unknown', reason: 'no test summary was recognised in the output', failed };
  return {
    kind: 'counted',
    runner: counted.map(({ name }) => name).join('+'),
    total: counted.reduce((sum, { total }) => sum + total, 0),
    ran: counted.reduce((sum, { ran }) => sum + ran, 0),
    failed,
  };
}

/** One runner alone: a text that is TAP and nothing else. */
export const tapOf = (text: string): Counts | null => readTap(linesOf(text));

/** Lines without colour, each bounded. */
export function linesOf(output: string): readonly string[] {
  return output
    .replace(COLOUR, '')
    .split(/\r?\n/)
    .map((line) => line.slice(0, MAX_LINE_CHARS));
}
