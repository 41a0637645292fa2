/** Every command that was run, and on which commit. */
import type { CountedTests } from '../../schema/stored-values.ts';
import type { JobToken } from './jobs.ts';

export interface StoredCommandRun {
  readonly id: number;
  readonly repoId: string;
  readonly taskId: string | null;
  readonly jobId: number | null;
  readonly purpose: string;
  readonly commit: string;
  readonly tree: string | null;
  readonly command: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: string;
  readonly reason: string;
  readonly exitCode: number | null;
  readonly tests: CountedTests;
  /** How well the processes were contained; see @gatehouse/proc-group. */
  readonly level: string | null;
  readonly leftovers: number;
  readonly logPath: string | null;
}

export type NewCommandRun = Omit<StoredCommandRun, 'id' | 'jobId'>;

export interface RunCount {
  readonly purpose: string;
  readonly outcome: string;
  readonly count: number;
}

export interface CommandRunStore {
  /** Keeps the run and, with a current job token, restarts the reaper's clock for that job. */
  recordRun(run: NewCommandRun, job?: JobToken): Promise<number>;
  commandRuns(filter: { taskId?: string; repoId?: string; limit?: number }): Promise<StoredCommandRun[]>;
  /** How many commands of each purpose came to each outcome since then. */
  countRuns(filter: { repoId: string; sinceMs: number }): Promise<RunCount[]>;
}
