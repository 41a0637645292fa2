/**
 * Every way a command can end, as data. Only a command that ended by itself, with a non-zero status or with tests that its
 * runner counts as failed, is `red`; what a machine did to it (deadline, signal, memory, disk, network) is `infra` and
 * blames no change.
 */
import type { MachineFault } from '@gatehouse/verdict';
import type { MachineEnding } from './machine-fault.ts';

/** `red` is an observation and no verdict. `tool-failed`: the command or its definition cannot prove anything. */
export type RunOutcome = 'green' | 'red' | 'infra' | 'tool-failed';

/** How a command ended. Those about tests occur only where tests are counted. */
export type RunEnding =
  | 'passed'
  | 'passed-uncounted'
  | 'no-tests'
  | 'too-few-tests'
  | 'no-report'
  | 'failed'
  | 'timed-out'
  | 'cancelled'
  | 'signalled'
  | 'status-unknown'
  | 'spawn-failed'
  | 'not-executable'
  | 'not-found'
  | 'output-limit'
  | 'refused'
  | MachineEnding;

/** The whole policy of what an ending means. One line of reason each, for people. */
export const ENDINGS: {
  readonly [Ending in RunEnding]: {
    /** What the ending means for a change. */
    readonly outcome: RunOutcome;
    /** The same in one line for a person. */
    readonly reason: string;
  };
} = {
  passed: { outcome: 'green', reason: 'the command exited 0 by itself' },
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
  'status-unknown': { outcome: 'infra', reason: 'the command is over, and nobody can say how it ended' },
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

/** The fault of the machine behind an ending; the other endings are the command's own. */
const FAULTS: { readonly [Ending in RunEnding]?: MachineFault } = {
  'timed-out': 'timeout',
  signalled: 'signal',
  'status-unknown': 'signal',
  'out-of-memory': 'memory',
  'disk-full': 'disk',
  'spawn-failed': 'spawn',
  'no-processes': 'spawn',
  'not-executable': 'tool',
  'not-found': 'tool',
  'network-down': 'network',
};

/** The fault that ended a run and that may hit other runs on this machine; null for a run that ended by itself. */
export function faultOf({ ending }: { readonly ending?: string }): MachineFault | null {
  return ending !== undefined && Object.hasOwn(FAULTS, ending) ? (FAULTS[ending as RunEnding] ?? null) : null;
}
