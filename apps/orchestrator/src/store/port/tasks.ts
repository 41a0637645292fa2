/** Tasks: how they enter, how they are listed, what they wait for. */
import type { Profile, Stage, TaskState, TaskStatus } from '@gatehouse/stage-engine';
import type { Budget } from '../../schema/stored-values.ts';
import type { Engine } from './engine.ts';
import type { Job } from './jobs.ts';
import type { ApplyOutcome, ApplyRequest } from './transitions.ts';

export interface Task {
  readonly id: string;
  readonly repoId: string;
  readonly profile: Profile;
  /** Branch, key and issue carry the suffix `~stopped~<id>` once the task was stopped. */
  readonly branch: string;
  readonly key: string;
  readonly planeIssueId: string | null;
  /** The tracker's own clock; only ever compared with tracker time. */
  readonly trackerUpdatedAt: number | null;
  readonly title: string;
  readonly description: string;
  /** One point is worth ten minutes of waiting in the claim order; -100..100. */
  readonly priority: number;
  /** 1 for the first task of a branch, +1 for every later one. */
  readonly generation: number;
  readonly stage: Stage;
  readonly status: TaskStatus;
  /** The engine's state; `stage` and `status` repeat it for queries. */
  readonly state: TaskState;
  /** +1 with every change of the row that an event, a stop or the critical window makes. */
  readonly version: number;
  /** When the engine wants a `woken` with why `timer`; null = only an event moves the task. */
  readonly timerDueAt: number | null;
  readonly baseSha: string | null;
  readonly headSha: string | null;
  readonly testedSha: string | null;
  readonly testedTree: string | null;
  readonly landedSha: string | null;
  /** When it was recorded that main holds it. */
  readonly landedAt: number | null;
  /** Fencing token of the merge lease under which the task is inside the critical window. */
  readonly criticalToken: number | null;
  /** The commit that the window was last entered with; it means nothing outside, and null inside is one of an earlier version. */
  readonly criticalCommit: string | null;
  readonly cancelRequestedAt: number | null;
  readonly cancelReason: string | null;
  /** When the cancelled task was cleaned up and its keys were set free. */
  readonly cancelledAt: number | null;
  /** When a job of the task was first claimed since it entered, or was last blocked: its place in a serial gate. */
  readonly startedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Number of the pull request it was asked for at; null: at none. */
  readonly pullRequest: number | null;
  /** The person of the forge who asked for it; null: a token or an agent did. */
  readonly requestedBy: string | null;
  /** Limits that a person set for this task's agents; they win over the operator's file. Null: none were set. */
  readonly budget: Budget | null;
}

export interface NewTask {
  readonly id: string;
  readonly repoId: string;
  readonly profile: Profile;
  readonly branch: string;
  readonly key: string;
  readonly title: string;
  readonly description?: string;
  readonly priority?: number;
  readonly planeIssueId?: string;
  readonly trackerUpdatedAt?: number;
  readonly baseSha?: string;
  readonly headSha?: string;
  readonly pullRequest?: number;
  readonly requestedBy?: string;
  readonly budget?: Budget;
  /** Ids of tasks of any repository that must be done or cancelled before a job of this one is claimed. */
  readonly dependsOn?: readonly string[];
  readonly actor: string;
  readonly atMs: number;
}

export type AddTaskOutcome =
  | { kind: 'added'; task: Task; started: Job[] }
  /** A live task of this repository has the same branch (or tracker issue), or the id is taken. */
  | { kind: 'exists'; task: Task }
  | { kind: 'unknown-repo' }
  | { kind: 'unknown-dependency'; id: string };

export interface TaskStore {
  /** Starts with `initialState(profile)`, then applies `enqueued` in the same transaction. */
  addTask(task: NewTask, engine: Engine): Promise<AddTaskOutcome>;
  getTask(id: string): Promise<Task | null>;
  /** Newest first; `live` leaves out done and cancelled ones. */
  listTasks(filter?: {
    repoId?: string;
    branch?: string;
    stage?: Stage;
    status?: TaskStatus;
    live?: boolean;
    /** Only those behind this one in the list. */
    behind?: Pick<Task, 'createdAt' | 'id'>;
    limit?: number;
  }): Promise<Task[]>;
  /** Those with this id, key or branch, newest first, also when they were stopped since; at most a hundred. */
  tasksCalled(name: string): Promise<Task[]>;
  /** Of these tasks, those whose key a task of their repository had that has landed, with the last of them. */
  landedNamesakes(ids: readonly string[]): Promise<{ id: string; earlier: string }[]>;
  /** How many there are, over or not. */
  countTasks(): Promise<number>;
  /** Live tasks whose `timerDueAt` has come, longest due first: apply `woken` with why `timer` to each. */
  dueTimers(nowMs: number, limit: number): Promise<Task[]>;
  /** Tasks this one waits for, with the stage they are on. */
  dependenciesOf(taskId: string): Promise<{ id: string; stage: Stage }[]>;
  /** Adds a dependency; one that would close a cycle is refused. */
  addDependency(
    taskId: string,
    dependsOn: string,
  ): Promise<{ kind: 'added' } | { kind: 'cycle' } | { kind: 'unknown-task' }>;
  /** One transaction: job fence, reducer, state, event row, jobs, lease, tickets, outbox, writes. */
  applyEvent(request: ApplyRequest): Promise<ApplyOutcome>;
}
