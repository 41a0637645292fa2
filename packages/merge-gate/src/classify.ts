/**
 * Every way a re-test can end, as data. Only a command that ended by itself with a non-zero status is `red`; what a
 * machine did to it (deadline, signal, memory, disk, network) is `infra` and blames nobody.
 */
import type { GroupRun } from '@gatehouse/proc-group';
import type { MachineFault } from '@gatehouse/verdict';
import type { TestCount } from './count-tests.ts';
import { type MachineFaultHint, machineFaultIn } from './machine-fault.ts';

export type RetestOutcome = 'green' | 'red' | 'infra' | 'tool-failed';

export type RetestEnding =
  | 'passed'
  | 'passed-uncounted'
  | 'no-tests'
  | 'too-few-tests'
  | 'no-report'
  | 'failed'
  | 'timed-out'
  | 'cancelled'
  | 'signalled'
  | 'spawn-failed'
  | 'not-executable'
  | 'not-found'
  | 'output-limit'
  | 'refused'
  | MachineFaultHint;

/** The whole policy of what an ending means. One line of reason each, for people. */
export const ENDINGS: {
  readonly [Ending in RetestEnding]: { readonly outcome: RetestOutcome; readonly reason: string };
} = {
  passed: { outcome: 'green', reason: 'the command exited 0 and ran enough tests' },
  'passed-uncounted': { outcome: 'green', reason: 'the command exited 0; how many tests ran cannot be read' },
  'no-tests': { outcome: 'tool-failed', reason: 'no test ran: nothing was proven, whatever the exit status says' },
  'too-few-tests': {
    outcome: 'tool-failed',
    reason: 'the command exited 0 but ran fewer tests than the policy asks for',
  },
  'no-report': { outcome: 'tool-failed', reason: 'the command exited 0 without the test report that would prove it' },
  failed: { outcome: 'red', reason: 'the command ended by itself with a non-zero exit status' },
  'timed-out': { outcome: 'infra', reason: 'the deadline passed; a slow machine and a slow suite look the same' },
  cancelled: { outcome: 'infra', reason: 'the run was called off before it ended' },
  signalled: { outcome: 'infra', reason: 'a signal ended the command; it did not decide to fail' },
  'spawn-failed': { outcome: 'infra', reason: 'the command could not be started' },
  'not-executable': { outcome: 'infra', reason: 'exit status 126: the command was found but cannot be executed here' },
  'not-found': { outcome: 'infra', reason: 'exit status 127: a command is missing on this machine' },
  'output-limit': { outcome: 'infra', reason: 'the command was stopped because it wrote more output than is allowed' },
  refused: { outcome: 'tool-failed', reason: 'the command was not tried: its definition cannot be carried out here' },
  'out-of-memory': { outcome: 'infra', reason: 'the machine or the runtime ran out of memory' },
  'disk-full': { outcome: 'infra', reason: 'the disk or the quota was full' },
  'no-processes': { outcome: 'infra', reason: 'the machine could not start another process' },
  'network-down': { outcome: 'infra', reason: 'something outside this machine could not be reached' },
};

/** Which trouble of the machine an ending tells of; the others are the command's own. */
const MET: { readonly [Ending in RetestEnding]?: MachineFault } = {
  'timed-out': 'timeout',
  signalled: 'signal',
  'out-of-memory': 'memory',
  'disk-full': 'disk',
  'spawn-failed': 'spawn',
  'no-processes': 'spawn',
  'not-executable': 'tool',
  'not-found': 'tool',
  'network-down': 'network',
};

/** The trouble that a run met and that others on this machine may meet, too; null for a run that ended by itself. */
export function faultOf({ ending }: { readonly ending?: string }): MachineFault | null {
  return ending !== undefined && Object.hasOwn(MET, ending) ? (MET[ending as RetestEnding] ?? null) : null;
}

export interface RetestClass {
  readonly ending: RetestEnding;
  readonly outcome: RetestOutcome;
  /** The table's line, with what was observed. */
  readonly reason: string;
}

/** What is known about a run when it is classified. */
export interface RetestFacts {
  readonly run: Pick<GroupRun, 'kind'> & { readonly code?: number; readonly signal?: string; readonly reason?: string };
  /** The end of stdout and stderr, as text. */
  readonly output: string;
  readonly tests: TestCount;
  /** Zero switches counting off, as for a setup command. */
  readonly minTests: number;
}

/** Shells report a child's signal n as 128 + n; beyond the last real-time signal it is an ordinary status. */
const LAST_SIGNAL_STATUS = 128 + 64;

/** Says how a run ended and what that means. Total over its type; anything unforeseen is `infra`. */
export function classifyRetestFailure(facts: RetestFacts): RetestClass {
  const { ending, observed } = endingOf(facts);
  const { outcome, reason } = ENDINGS[ending];
  return { ending, outcome, reason: observed === '' ? reason : `${reason} (${observed})` };
}

interface Observed {
  readonly ending: RetestEnding;
  readonly observed: string;
}

function endingOf({ run, output, tests, minTests }: RetestFacts): Observed {
  switch (run.kind) {
    case 'exited':
      return run.code === 0 ? greenEnding(tests, minTests) : redEnding(run.code, output, tests, minTests);
    case 'signaled':
      return { ending: 'signalled', observed: run.signal ?? 'unknown signal' };
    case 'timeout':
      return { ending: 'timed-out', observed: '' };
    case 'cancelled':
      return { ending: 'cancelled', observed: run.reason ?? '' };
    case 'output-limit':
      return { ending: 'output-limit', observed: '' };
    case 'spawn-failed':
      return { ending: 'spawn-failed', observed: '' };
    case 'refused':
      return { ending: 'refused', observed: run.reason ?? '' };
  }
}

function greenEnding(tests: TestCount, minTests: number): Observed {
  if (minTests === 0) return { ending: 'passed', observed: '' };
  if (tests.kind === 'unreported') return { ending: 'no-report', observed: tests.reason };
  if (tests.kind === 'unknown') return { ending: 'passed-uncounted', observed: tests.reason };
  const observed = `${tests.ran} of ${tests.total} tests ran, at least ${minTests} asked for, by ${tests.runner}`;
  if (tests.ran === 0) return { ending: 'no-tests', observed };
  return { ending: tests.ran < minTests ? 'too-few-tests' : 'passed', observed };
}

function redEnding(code: number | undefined, output: string, tests: TestCount, minTests: number): Observed {
  const observed = `exit status ${code ?? 'unknown'}`;
  if (code === undefined) return { ending: 'signalled', observed };
  if (code === 126) return { ending: 'not-executable', observed: '' };
  if (code === 127) return { ending: 'not-found', observed: '' };
  if (code > 128 && code <= LAST_SIGNAL_STATUS) return { ending: 'signalled', observed: `${observed}, 128 + signal` };
  const trouble = machineFaultIn(output);
  if (trouble !== null) return { ending: trouble.trouble, observed: `${observed}, "${trouble.line}"` };
  const nothingRan = tests.kind === 'counted' && tests.total === 0 && tests.failed.length === 0;
  return { ending: minTests > 0 && nothingRan ? 'no-tests' : 'failed', observed };
}
