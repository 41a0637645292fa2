/**
 * What the end of a re-test means: the shared table of endings, and what the count of its tests adds. Tests that the
 * runner counts as failed make a command that ended by itself `red`, whatever its status; a green that proves too little is none.
 */
import {
  classifyEnd,
  ENDINGS,
  type EndClass,
  type EndFacts,
  type RunEnding,
  type RunOutcome,
} from '@gatehouse/gate-run';
import { failuresOf, type TestCount } from './count-tests.ts';

/** What an ending means for a change. */
export type RetestOutcome = RunOutcome;
/** Every way a run can end. */
export type RetestEnding = RunEnding;
/** The row of `ENDINGS` with what was observed. */
export type RetestClass = EndClass;

/** What is known about a run when it is classified. */
export interface RetestFacts extends EndFacts {
  /** What the output or the report says of tests. */
  readonly tests: TestCount;
  /** Zero switches counting off, as for a setup command. */
  readonly minTests: number;
}

/** Says how a run ended and what that means. Total over its type; anything unforeseen is `infra`. */
export function classifyRetestFailure({ run, output, tests, minTests }: RetestFacts): RetestClass {
  const failures = tests.kind === 'unreported' && run.code === 0 ? 0 : failuresOf(tests);
  const end = endOf({ run, output, failures }, tests.unbuilt ?? 0);
  if (minTests === 0) return end;
  if (end.ending === 'passed') return greenEnd(tests, minTests);
  const nothingRan = tests.kind === 'counted' && tests.total === 0 && failures === 0;
  return end.ending === 'failed' && nothingRan ? rowOf('no-tests', `exit status ${run.code}`) : end;
}

/** A build that failed says less than a test: the disk or the network may have failed it, and the tool says so. */
function endOf({ run, output, failures = 0 }: EndFacts, unbuilt: number): RetestClass {
  const uncounted = failures > 0 && failures === unbuilt ? classifyEnd({ run, output }) : null;
  return uncounted?.outcome === 'infra' ? uncounted : classifyEnd({ run, output, failures });
}

function greenEnd(tests: TestCount, minTests: number): RetestClass {
  if (tests.kind === 'unreported') return rowOf('no-report', tests.reason);
  if (tests.kind === 'unknown') return rowOf('passed-uncounted', tests.reason);
  const observed = `${tests.ran} of ${tests.total} tests ran, at least ${minTests} asked for, by ${tests.runner}`;
  if (tests.ran === 0) return rowOf('no-tests', observed);
  return rowOf(tests.ran < minTests ? 'too-few-tests' : 'passed', observed);
}

function rowOf(ending: RetestEnding, observed: string): RetestClass {
  const { outcome, reason } = ENDINGS[ending];
  return { ending, outcome, reason: `${reason} (${observed})` };
}
