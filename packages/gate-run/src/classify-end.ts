/** Names how one command ended, by what the operating system said and, for a failure, by the end of its output. */
import { exitStatusOf, type GroupRun } from '@gatehouse/proc-group';
import { ENDINGS, type RunEnding, type RunOutcome } from './endings.ts';
import { machineFaultIn } from './machine-fault.ts';

/** A row of {@link ENDINGS} with what was observed. */
export interface EndClass {
  /** The row of {@link ENDINGS}. */
  readonly ending: RunEnding;
  /** What the row means for a change. */
  readonly outcome: RunOutcome;
  /** The table's line, with what was observed. */
  readonly reason: string;
}

/** What is known about a command when its end is named. */
export interface EndFacts {
  /** How the process group ended. */
  readonly run: Pick<GroupRun, 'kind'> & {
    /** Exit code, where it exited. */
    readonly code?: number;
    /** Name of the signal, where one ended it. */
    readonly signal?: string;
    /** Whether the signal is only read from a status, which may also be the command's own. */
    readonly inferred?: true;
    /** What the run itself said of its end. */
    readonly reason?: string;
  };
  /** The end of stdout and stderr, as text. */
  readonly output: string;
  /** How many tests failed by the count of the command's own summary or report; what it decided goes before its status. */
  readonly failures?: number;
}

/** A row of the table, with an observation in brackets. */
export function rowOf(ending: RunEnding, observed = ''): EndClass {
  const { outcome, reason } = ENDINGS[ending];
  return { ending, outcome, reason: observed === '' ? reason : `${reason} (${observed})` };
}

/** Says how a command ended and what that means, tests aside. Total over its type. */
export function classifyEnd({ run, output, failures = 0 }: EndFacts): EndClass {
  switch (run.kind) {
    case 'exited':
      if (failures > 0) return countedEnd(run.code, failures);
      return run.code === 0 ? rowOf('passed') : failedEnd(run.code, output);
    case 'signaled':
      // In a world of its own a runner that ends with the number of its failures looks as if it were killed.
      if (run.inferred === true && failures > 0) return countedEnd(exitStatusOf(run as GroupRun), failures);
      return rowOf('signalled', run.signal ?? 'unknown signal');
    case 'unknown':
      return rowOf('status-unknown', run.reason);
    case 'timeout':
      return rowOf('timed-out');
    case 'cancelled':
      return rowOf('cancelled', run.reason);
    case 'output-limit':
      return rowOf('output-limit');
    case 'spawn-failed':
      return rowOf('spawn-failed');
    case 'refused':
      return rowOf('refused', run.reason);
  }
}

/** A runner that counted to its end was not stopped by the machine, and statuses of some runners are counts. */
function countedEnd(code: number | undefined, failures: number): EndClass {
  const counted = `the runner counts ${failures} failing test${failures === 1 ? '' : 's'}`;
  if (code !== 0) return rowOf('failed', `exit status ${code ?? 'unknown'}, ${counted}`);
  const { outcome } = ENDINGS.failed;
  return { ending: 'failed', outcome, reason: `exit status 0, but ${counted}: the command lost the runner's status` };
}

/** Shells report a child's signal n as 128 + n; beyond the last real-time signal it is an ordinary status. */
const LAST_SIGNAL_STATUS = 128 + 64;

function failedEnd(code: number | undefined, output: string): EndClass {
  const observed = `exit status ${code ?? 'unknown'}`;
  if (code === undefined) return rowOf('signalled', observed);
  if (code === 126) return rowOf('not-executable');
  if (code === 127) return rowOf('not-found');
  if (code > 128 && code <= LAST_SIGNAL_STATUS) return rowOf('signalled', `${observed}, 128 + signal`);
  const fault = machineFaultIn(output);
  return fault === null ? rowOf('failed', observed) : rowOf(fault.ending, `${observed}, "${fault.line}"`);
}
