/** What a task is at, in one word with its shape, and what its steps are called. Pure. */
import type { Task } from '../../store/port/index.ts';
import type { Shape } from './marks.tsx';

export interface TaskWord {
  readonly shape: Shape;
  readonly word: string;
}

/** `isRunning`: a worker has its job now. */
export function wordOf({ stage, status, state, landedSha, cancelRequestedAt }: Task, isRunning: boolean): TaskWord {
  if (stage === 'done') return { shape: 'go', word: landedSha === null ? 'done' : 'landed' };
  if (stage === 'cancelled') return { shape: 'off', word: cancelRequestedAt === null ? 'removed' : 'stopped' };
  if (status === 'stopping') return { shape: 'wait', word: 'stopping' };
  if (status === 'blocked')
    return { shape: 'stop', word: state.blocked?.reason === 'removed' ? 'kept out' : 'needs a person' };
  if (state.waiting?.cause === 'approval') return { shape: 'wait', word: 'asks for a yes' };
  if (isRunning) return { shape: 'run', word: doing(state.step) };
  return { shape: 'wait', word: status === 'waiting' ? 'waiting' : 'queued' };
}

/** A step as a person says it: a gate by its own name, `check_review_approved` as `review approved`. */
export type StepWords = (step: string) => string;

const GATES = ['security', 'merge', 'coverage'] as const;

export function stepWordsWith(checkOfGate: (gate: (typeof GATES)[number]) => string): StepWords {
  const gates = new Map<string, string>(GATES.map((gate) => [checkOfGate(gate), gate]));
  return (step) => gates.get(step) ?? step.replace(/^check_/, '').replaceAll('_', ' ');
}

/** A reason without what is said beside it: that it was removed, and by which check. */
export const plainReason = (reason: string): string => reason.replace(/^removed: /, '').replace(/^check_\w+: /, '');

const doing = (step: string | null): string => {
  if (step === null) return 'starting';
  if (step === 'land') return 'landing';
  return step.startsWith('check_') ? 'checking' : 'working';
};

type Origin = Pick<Task, 'pullRequest' | 'requestedBy' | 'branch' | 'title'>;

/** Where a change came from: `#412 · asked by mia`, else its branch where the title does not say it. */
export function originOf({ pullRequest, requestedBy, branch, title }: Origin): string {
  const parts = [
    ...(pullRequest === null ? [] : [`#${pullRequest}`]),
    ...(requestedBy === null ? [] : [`asked by ${requestedBy}`]),
  ];
  if (parts.length === 0 && branch !== title) return branch;
  return parts.join(' · ');
}
