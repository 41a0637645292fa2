/** Every start of an agent: what it may use, and what it said it used. */
import type { Budget } from '../../schema/stored-values.ts';
import type { Task } from './tasks.ts';

export interface AgentRun {
  readonly id: number;
  readonly taskId: string;
  readonly jobId: number;
  readonly jobToken: number;
  readonly role: string;
  readonly stage: string;
  /** Where it leaves its report of what it used. */
  readonly reportsDir: string;
  /** What held when it began. */
  readonly budget: Budget;
  readonly startedAt: number;
  /** Null: it works, or nobody knows yet that it is over. */
  readonly endedAt: number | null;
  /** Null: not reported. */
  readonly tokens: number | null;
  /** Millionths of a US dollar; null: not reported. */
  readonly costMicros: number | null;
  /** Why what it reported is not taken; null: it was taken, or it reported nothing. */
  readonly refused: string | null;
}

export type NewAgentRun = Omit<AgentRun, 'id' | 'endedAt' | 'tokens' | 'costMicros' | 'refused'>;
export type AgentRunEnd = Pick<AgentRun, 'tokens' | 'costMicros' | 'refused'> & { readonly endedAt: number };

export interface AgentRunStore {
  /** Before the agent starts, so that no end of this process hides it. Answers its id. */
  beginAgentRun(run: NewAgentRun): Promise<number>;
  /** Null: the agent was not started after all, and the run is forgotten. */
  endAgentRun(id: number, end: AgentRunEnd | null): Promise<void>;
  /** Oldest first. */
  agentRuns(taskId: string): Promise<AgentRun[]>;
  /** Runs of any task that began before and have no end. */
  openAgentRuns(beforeMs: number): Promise<AgentRun[]>;
  /** Sets a task's own limits, and says so in its events; null: there is no such task. */
  setBudget(
    taskId: string,
    budget: Budget,
    by: { readonly actor: string; readonly atMs: number },
  ): Promise<Task | null>;
}
