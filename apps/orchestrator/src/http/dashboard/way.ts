/** The way of a task through the gates to main: one segment per gate, and one for the landing. Pure. */
import type { ServiceContext } from '../../context.ts';
import { verdictWord } from '../../platform/verdict-word.ts';
import { visibleStart } from '../../platform/visible-text.ts';
import type { GateRun, Task } from '../../store/port/index.ts';

export interface Segment {
  readonly name: string;
  /** `open`: behind it, and it passed nothing: skipped, overridden or unknown. */
  readonly at: 'done' | 'open' | 'here' | 'held' | 'bad' | 'ahead';
  /** What it is in a word, where its place does not say it. */
  readonly word?: string;
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
  const at = (check: string): Omit<Segment, 'name'> => {
    if (!landed && step === check) return { at: here() };
    const run = runs.get(check);
    if (run === undefined) return { at: landed ? 'done' : 'ahead' };
    if (!landed && run.headSha !== null && run.headSha !== task.headSha) return { at: 'ahead' };
    if (!landed && run.status === 'fail') return { at: 'bad' };
    const word = verdictWord(run);
    if (run.status === 'skip' || word !== run.status)
      return {
        at: 'open',
        word: OPENED[word] ?? visibleStart(/^overridden by [^:]*/.exec(run.reason)?.[0] ?? word, LONGEST),
      };
    return { at: landed || run.status === 'pass' ? 'done' : 'ahead' };
  };
  const landing: Segment['at'] = landed ? 'done' : step === 'land' ? here() : 'ahead';
  return [...gates.map(({ name, check }) => ({ name, ...at(check) })), { name: 'landing', at: landing }];
}

const LONGEST = 80;
const OPENED: Readonly<Record<string, string>> = { skip: 'skipped', unknown: 'not known' };
const WORDS: { readonly [At in Segment['at']]: string } = {
  done: 'passed',
  open: 'passed over',
  here: 'runs',
  held: 'waits',
  bad: 'stopped it',
  ahead: 'to come',
};

/** For those who do not see the segments. */
export const segmentWords = ({ name, at, word }: Segment): string => `${name} ${word ?? WORDS[at]}`;
