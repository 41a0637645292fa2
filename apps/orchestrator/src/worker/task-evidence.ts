/**
 * What the store knows about the work on a task, for the checks of its stages. A report counts only as the copy that
 * this stage's newest agent job left; what stood in the branch, or was kept for another attempt or stage, does not count.
 */
import type { GitRepo } from '@gatehouse/git';
import type { StoredReport, TaskEvidence } from '../checks/port.ts';
import { VALIDATING } from '../checks/registry.ts';
import type { ServiceContext } from '../context.ts';
import type { Task } from '../store/port/index.ts';

interface EvidenceRequest {
  readonly service: ServiceContext;
  readonly task: Task;
}

/** Null for a task without stages of work. */
export async function evidenceOf(of: EvidenceRequest, git: GitRepo, head: string): Promise<TaskEvidence | null> {
  const { service, task } = of;
  if (task.profile !== 'full') return null;
  const codeTree = await service.agentRunner.codeTree({ git, commit: head, key: task.key });
  return {
    key: task.key,
    codeTree,
    copyOf: (name) => storedReport(of, name),
    validated: codeTree !== null && (await isValidated(of, codeTree)),
  };
}

async function storedReport({ service, task }: EvidenceRequest, name: string): Promise<StoredReport> {
  const jobs = await service.store.listJobs({ taskId: task.id });
  const last = jobs.filter((job) => job.kind === 'agent' && job.stage === task.stage).at(-1);
  if (last === undefined) return { kind: 'none', reason: `no agent has worked on ${task.stage}` };
  if (last.state !== 'done') return { kind: 'none', reason: `the last work on ${task.stage} was not finished` };
  const row = await service.store.findArtefact({ taskId: task.id, name, stage: task.stage, jobId: last.id });
  if (row === null || row.jobToken !== last.token)
    return { kind: 'none', reason: `this attempt of ${task.stage} left no ${name}` };
  const text = await service.workspaces.readStoredReport(row);
  if (text === null) return { kind: 'none', reason: `the copy of ${name} is gone or was changed` };
  return { kind: 'copy', text, codeTree: row.codeTree };
}

/** A pass of ci is always a run of ours or of the forge, so an agent's own claim never counts here. */
async function isValidated({ service, task }: EvidenceRequest, codeTree: string): Promise<boolean> {
  for (const check of VALIDATING) {
    const [last] = await service.store.gateRuns({ taskId: task.id, check, limit: 1 });
    if (last?.status !== 'pass' || last.tree !== codeTree) return false;
  }
  return true;
}
