/** The way of a task through the gates to main: one segment per gate, and one for the landing. Pure. */
import type { ServiceContext } from '../../context.ts';
import type { GateRun, Task } from '../../store/port/index.ts';

export interface Segment {
  readonly name: string;
  readonly at: 'done' | 'here' | 'held' | 'bad' | 'ahead';
}

interface WayContext {
  /** The last verdict of each check. */
  readonly runs: ReadonlyMap<string, GateRun>;
  readonly isRunning: boolean;
  readonly checkOfGate: ServiceContext['checkOfGate'];
}

export function waysOf(task: Task, { runs, isRunning, checkOfGate }: WayContext): readonly Segment[] {
  const { step, landed } = task.state;
  const gates = (['security', 'merge', 'coverage'] as const).map((name) => ({ name, check: checkOfGate(name) }));
  const here = (): Segment['at'] => {
    if (task.status === 'blocked') return 'bad';
    return isRunning ? 'here' : 'held';
  };
  const at = (check: string): Segment['at'] => {
    if (landed) return 'done';
    if (step === check) return here();
    const run = runs.get(check);
    if (run === undefined || (run.headSha !== null && run.headSha !== task.headSha)) return 'ahead';
    if (run.status === 'fail') return 'bad';
    return run.status === 'pass' || run.status === 'skip' ? 'done' : 'ahead';
  };
  const landing: Segment['at'] = landed ? 'done' : step === 'land' ? here() : 'ahead';
  return [...gates.map(({ name, check }) => ({ name, at: at(check) })), { name: 'landing', at: landing }];
}

const WORDS: { readonly [At in Segment['at']]: string } = {
  done: 'passed',
  here: 'runs',
  held: 'waits',
  bad: 'stopped it',
  ahead: 'to come',
};

/** For those who do not see the segments. */
export const segmentWords = ({ name, at }: Segment): string => `${name} ${WORDS[at]}`;
