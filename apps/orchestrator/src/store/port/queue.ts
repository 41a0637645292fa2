/** The queue of each repository, who needs a person, and what has landed: read as far as it is shown. */
import type { Task } from './tasks.ts';

export interface QueuePlace {
  /** 1 has the merge lease or is next. */
  readonly position: number;
  /** How many stand in the queue. */
  readonly length: number;
}

export interface QueueStore {
  /**
   * Live tasks that have not landed, and are neither blocked nor being stopped, in their order: the holder of the merge lease, then by
   * ticket, then by age. Whoever waits for a person keeps the place, is not among `rows`, and not counted in `total`.
   */
  queueOf(filter: { repoId: string; limit: number }): Promise<{
    rows: { task: Task; position: number }[];
    total: number;
  }>;
  /** Null: the task stands in no queue. */
  queuePlace(task: Pick<Task, 'id' | 'repoId'>): Promise<QueuePlace | null>;
  /** How many stand in the queue, those who wait for a person among them. */
  queueLength(repoId: string): Promise<number>;
  /** Live tasks that are blocked, or wait for an approval (no other wait is without a timer): the longest unchanged first. */
  waitingForPeople(filter: { repoId: string; limit: number }): Promise<Task[]>;
  /** Tasks that landed since then, whatever became of them: the last one first. */
  landedTasks(filter: { repoId: string; sinceMs: number; limit: number }): Promise<Task[]>;
  /** When each of them came and landed, in the same order. */
  landings(filter: {
    repoId: string;
    sinceMs: number;
    limit: number;
  }): Promise<{ createdAt: number; landedAt: number }[]>;
}
