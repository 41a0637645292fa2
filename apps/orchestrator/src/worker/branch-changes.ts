/** Changes of a task's branch at the forge that become events of the task: it is gone, or another person moved it. */
import { PROFILES, STAGES, type StepName, stepsOf } from '@gatehouse/stage-engine';
import type { Task } from '../store/port/index.ts';

const ORDER: readonly StepName[] = STAGES.flatMap((stage) => [...stepsOf(stage)]);

/**
 * Null: nothing that changes the task. Once it has landed, its branch does not matter. Before its head is judged
 * for the first time a push is just work, and a branch that was never pushed cannot be gone. From then on every
 * gate is about the one head on record: a task without one has to begin with the head that turned up. The tested commit at
 * the branch is our own push, made to land it.
 */
export function detectBranchChange(task: Task, head: string | null): 'branch-gone' | 'head-moved' | null {
  if (task.state.landed || (head !== null && head === task.testedSha)) return null;
  const judged = isJudged(task);
  if (head === null) return judged || task.headSha !== null ? 'branch-gone' : null;
  return judged && task.headSha !== head ? 'head-moved' : null;
}

/**
 * A task that a person asked for at a pull request is about that very head: a push takes it back, which the watcher of pull
 * requests does, and nothing of the new head is run before.
 */
export const isBoundToHead = ({ pullRequest, requestedBy }: Task): boolean =>
  pullRequest !== null && requestedBy !== null;

function isJudged({ profile, state }: Task): boolean {
  const { step, stage } = state;
  if (step === null) return false;
  // A deployer works before landing and after it; only the stage distinguishes the two.
  const at = stage === 'deploy' ? ORDER.length : ORDER.indexOf(step);
  return at >= ORDER.indexOf(PROFILES[profile].judgedFrom);
}
