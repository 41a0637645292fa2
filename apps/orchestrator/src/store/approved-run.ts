/** A person's approval as a verdict on record, like any other of the task. */
import type { NewGateRun, Task } from './port/index.ts';

export interface Approval {
  readonly check: string;
  /** Who approved, and where. */
  readonly reason: string;
  readonly atMs: number;
}

export function approvedRun(task: Pick<Task, 'baseSha' | 'headSha'>, { check, reason, atMs }: Approval): NewGateRun {
  return {
    check,
    baseSha: task.baseSha,
    headSha: task.headSha,
    testedSha: null,
    tree: null,
    status: 'pass',
    cause: null,
    reason,
    findings: [],
    warnings: [],
    artefact: null,
    durationMs: 0,
    gateDigest: null,
    createdAt: atMs,
    basis: null,
    basisRun: null,
  };
}
