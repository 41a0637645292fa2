/**
 * What the store knows about the work on a task, for the checks of its stages. A report counts only as the copy that
 * this stage's newest agent job left; what stood in the branch, or was kept for another attempt or stage, is not looked at.
 */
import type { GitRepo } from '@gatehouse/git';
import type { CheckName } from '@gatehouse/stage-engine';
import type { TaskWork, WorkCopy } from '../checks/port.ts';
import type { House } from '../context.ts';
import type { TaskRow } from '../store/port.ts';

interface Asked {
  readonly house: House;
  readonly task: TaskRow;
}

/** Null for a task without stages of work. */
export async function workOf(of: Asked, git: GitRepo, head: string): Promise<TaskWork | null> {
  const { house, task } = of;
  if (task.profile !== 'full') return null;
  const codeTree = await house.workshop.codeTree({ git, commit: head, key: task.key });
  return {
    key: task.key,
    codeTree,
    copyOf: (name) => copyOf(of, name),
    validated: codeTree !== null && (await isValidated(of, codeTree)),
  };
}

async function copyOf({ house, task }: Asked, name: string): Promise<WorkCopy> {
  const jobs = await house.store.listJobs({ taskId: task.id });
  const last = jobs.filter((job) => job.kind === 'agent' && job.stage === task.stage).at(-1);
  if (last === undefined) return { kind: 'none', reason: `no agent has worked on ${task.stage}` };
  if (last.state !== 'done') return { kind: 'none', reason: `the last work on ${task.stage} was not finished` };
  const row = await house.store.findArtefact({ taskId: task.id, name, stage: task.stage, jobId: last.id });
  if (row === null || row.jobToken !== last.token)
    return { kind: 'none', reason: `this attempt of ${task.stage} left no ${name}` };
  const text = await house.places.keptText(row);
  if (text === null) return { kind: 'none', reason: `the copy of ${name} is gone or was changed` };
  return { kind: 'copy', text, codeTree: row.codeTree };
}

/** A pass of ci is always a run of ours or of the forge, so an agent's word alone never gets here. */
const VALIDATE: readonly CheckName[] = ['check_ci_green', 'check_tests_passed', 'check_staging_status'];

async function isValidated({ house, task }: Asked, codeTree: string): Promise<boolean> {
  for (const check of VALIDATE) {
    const [last] = await house.store.gateRuns({ taskId: task.id, check, limit: 1 });
    if (last?.status !== 'pass' || last.tree !== codeTree) return false;
  }
  return true;
}
