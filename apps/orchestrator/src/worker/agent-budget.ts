/**
 * What the agents of a task use, kept so that no end of the service hides it: a run is on record before its agent starts, and one
 * that nobody saw end is settled from what it left. A budget is asked before an agent begins, and its time while it works.
 */
import type { AgentUsage } from '../agents/usage.ts';
import type { ServiceContext } from '../context.ts';
import type { CheckWorkspace } from '../platform/claim-directories.ts';
import { type Limits, spentBy, spentLimit } from '../policy/spending.ts';
import type { AgentRun, ClaimedJob, Task } from '../store/port/index.ts';

type Keeps = Pick<ServiceContext, 'agentRunner' | 'log' | 'now' | 'store'>;

export interface AgentStart {
  readonly job: ClaimedJob;
  readonly task: Task;
  readonly workspace: CheckWorkspace;
  /** What the operator's file allows. */
  readonly limits: Limits;
  /** What the agent may take in any case. */
  readonly timeoutMs: number;
}

export type OpenedRun =
  | {
      readonly kind: 'open';
      readonly id: number;
      readonly timeoutMs: number;
      /** The deadline is what is left of the budget. */
      readonly isLast: boolean;
    }
  | { readonly kind: 'budget-spent'; readonly reason: string };

/** Records that an agent begins, unless its task has used what it may. What has landed is brought to its end whatever it costs. */
export async function openAgentRun(service: Keeps, start: AgentStart): Promise<OpenedRun> {
  const { job, task, workspace, timeoutMs } = start;
  const { store, now } = service;
  const runs = await store.agentRuns(task.id);
  const left = runs.filter(({ endedAt }) => endedAt === null);
  await settleRuns(service, left);
  const budget = { ...start.limits, ...task.budget };
  const spent = spentBy(left.length === 0 ? runs : await store.agentRuns(task.id), now());
  const limit = task.state.landed ? null : spentLimit(spent, budget);
  if (limit !== null) return { kind: 'budget-spent', reason: budgetSpent(task, limit) };
  const restMs = typeof budget.timeMs !== 'number' || task.state.landed ? Infinity : budget.timeMs - spent.timeMs;
  const id = await store.beginAgentRun({
    taskId: task.id,
    jobId: job.id,
    jobToken: job.token,
    role: job.step,
    stage: task.stage,
    reportsDir: workspace.reportsDir,
    budget,
    startedAt: now(),
  });
  return { kind: 'open', id, timeoutMs: Math.min(timeoutMs, restMs), isLast: restMs < timeoutMs };
}

/** Null: the agent was not started. */
export async function closeAgentRun(service: Keeps, id: number, usage: AgentUsage | null): Promise<void> {
  const { store, now, log } = service;
  if (usage?.kind === 'refused') log.warn('what an agent reported of its usage is not taken', { why: usage.reason });
  await store.endAgentRun(id, usage === null ? null : { endedAt: now(), ...reported(usage) });
}

/** Ends the runs of claims that are over and that nobody saw end; their time is that until they last wrote something. */
export async function settleRuns(service: Keeps, left: readonly AgentRun[]): Promise<void> {
  for (const { id, reportsDir, startedAt } of left) {
    const { usage, lastSignMs } = await service.agentRunner.leftUsage(reportsDir);
    const endedAt = Math.min(service.now(), Math.max(startedAt, Math.round(lastSignMs ?? startedAt)));
    await service.store.endAgentRun(id, { endedAt, ...reported(usage) });
  }
}

const reported = (usage: AgentUsage) => ({
  tokens: usage.kind === 'reported' ? usage.tokens : null,
  costMicros: usage.kind === 'reported' ? usage.costMicros : null,
  refused: usage.kind === 'refused' ? usage.reason : null,
});

/** With the commands that leave it. */
export const budgetSpent = ({ id }: Pick<Task, 'id'>, limit: string): string =>
  `its agents have used ${limit}; allow more with \`gatehouse task budget ${id} …\` or \`agents.budget\` of the operator's file, then \`gatehouse task retry ${id}\`; or end it with \`gatehouse task stop ${id}\``;
