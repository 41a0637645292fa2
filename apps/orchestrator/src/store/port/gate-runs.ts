/** What the checks answered. */
import type { Cause, CheckVerdict, Finding, GreenBasis } from '@gatehouse/verdict';

export interface GateRun {
  readonly id: number;
  readonly taskId: string;
  readonly jobId: number | null;
  readonly check: string;
  readonly baseSha: string | null;
  readonly headSha: string | null;
  readonly testedSha: string | null;
  readonly tree: string | null;
  readonly status: CheckVerdict['status'];
  readonly cause: Cause | null;
  readonly reason: string;
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  readonly artefact: string | null;
  readonly durationMs: number;
  readonly gateDigest: string | null;
  readonly createdAt: number;
  /** What a green of the merge check rests on; null for every other answer. */
  readonly basis: GreenBasis | null;
  /** Number of the command run behind it, where there is one. */
  readonly basisRun: number | null;
}

export type NewGateRun = Omit<GateRun, 'id' | 'taskId' | 'jobId'>;

export interface GateRunStore {
  recordGateRun(taskId: string, run: NewGateRun): Promise<number>;
  /** Newest first. */
  gateRuns(filter: { taskId: string; check?: string; limit?: number }): Promise<GateRun[]>;
  /** How long the last runs of a check took in a repository, newest first; only those that judged something. */
  lastDurations(of: { repoId: string; check: string; limit: number }): Promise<number[]>;
}
