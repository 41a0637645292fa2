/** What the forge says about a task's branch that the task has to hear: it is gone, or somebody else moved it. */
import { PROFILES, STAGES, type StepName, stepsOf } from '@gatehouse/stage-engine';
import type { TaskRow } from '../store/port.ts';

const ORDER: readonly StepName[] = STAGES.flatMap((stage) => [...stepsOf(stage)]);

/** In words, for whoever can push it again. */
export const lostObjects = (branch: string): string => `the forge has lost objects of ${branch}; push it again`;

/**
 * Null: nothing that changes the task's way. A branch that nobody has pushed yet cannot be gone; once landed, its fate is
 * of no interest; before its head is judged for the first time, a push is just work.
 */
export function branchNews(task: TaskRow, head: string | null): 'branch-gone' | 'head-moved' | null {
  if (task.state.landed || task.headSha === null || task.headSha === head) return null;
  if (head === null) return 'branch-gone';
  return isJudged(task) ? 'head-moved' : null;
}

function isJudged({ profile, state }: TaskRow): boolean {
  const { step, stage } = state;
  if (step === null) return false;
  // A deployer works before landing and after it; only the stage tells the two apart.
  const at = stage === 'deploy' ? ORDER.length : ORDER.indexOf(step);
  return at >= ORDER.indexOf(PROFILES[profile].judgedFrom);
}
