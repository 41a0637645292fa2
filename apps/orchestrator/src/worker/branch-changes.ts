/** Changes of a task's branch at the forge that become events of the task: it is gone, or another person moved it. */
import { PROFILES, STAGES, type StepName, stepsOf } from '@gatehouse/stage-engine';
import type { Task } from '../store/port/index.ts';

const ORDER: readonly StepName[] = STAGES.flatMap((stage) => [...stepsOf(stage)]);

/**
 * Null: nothing that changes the task. Once it has landed, its branch does not matter. Before its head is judged
 * for the first time a push is just work, and a branch that was never pushed cannot be gone. From then on every
 * gate is about the one head on record: a task without one has to begin with the head that turned up.
 */
export function detectBranchChange(task: Task, head: string | null): 'branch-gone' | 'head-moved' | null {
  if (task.state.landed) return null;
  const judged = isJudged(task);
  if (head === null) return judged || task.headSha !== null ? 'branch-gone' : null;
  return judged && task.headSha !== head ? 'head-moved' : null;
}

function isJudged({ profile, state }: Task): boolean {
  const { step, stage } = state;
  if (step === null) return false;
  // A deployer works before landing and after it; only the stage distinguishes the two.
  const at = stage === 'deploy' ? ORDER.length : ORDER.indexOf(step);
  return at >= ORDER.indexOf(PROFILES[profile].judgedFrom);
}
