/** Why a task that could go on does not: what its ready job waits for, in one line. */

import { describeMissingObjects } from '../platform/describe-git-failure.ts';
import type { Settings } from '../settings.ts';
import type { Breaker, Job, Repository, Task } from '../store/port/index.ts';

export interface QueueSnapshot {
  readonly settings: {
    readonly limits: Pick<Settings['limits'], 'agents' | 'gateRuns'>;
    readonly repositories: Pick<Settings['repositories'], 'serialGate'>;
  };
  readonly nowMs: number;
  readonly repos: ReadonlyMap<string, Repository>;
  /** Every task that is not over. */
  readonly tasks: readonly Task[];
  /** Every job that is ready or leased. */
  readonly jobs: readonly Job[];
  /** Unfinished tasks that a task waits for, by its id. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Those of this machine that are open. */
  readonly breakers: readonly Breaker[];
  /** Branches that the forge of a repository has lost objects of. */
  readonly broken: (repoId: string) => readonly string[];
  /** Why nothing is begun at all; null: there is room. */
  readonly diskShortage: string | null;
}

/** Null: it runs, or is next. The rules are those of the claim, in its order. */
export function explainWaiting(task: Task, scene: QueueSnapshot): string | null {
  if (isBroken(task, scene)) return describeMissingObjects(task.branch);
  const job = scene.jobs.find((one) => one.taskId === task.id);
  if (job === undefined || job.state !== 'ready') return null;
  if (scene.diskShortage !== null) return scene.diskShortage;
  const repo = scene.repos.get(task.repoId);
  const isInside = task.criticalToken !== null;
  if (!isInside && repo?.paused === true) return `${task.repoId} is paused`;
  if (!isInside && repo !== undefined && repo.frozenReason !== null && job.kind !== 'agent')
    return `${task.repoId} is frozen: ${repo.frozenReason}`;
  const needed = scene.dependencies.get(task.id) ?? [];
  if (needed.length > 0) return `waits for ${needed.join(', ')} to be done or cancelled`;
  const ahead = isInside ? undefined : aheadInSerial(task, scene);
  if (ahead !== undefined) return `one task at a time (ORCH_SERIAL_GATE_PER_REPO): ${ahead.id} is at work`;
  const breaker = job.kind === 'gate' ? scene.breakers.find(({ repoId }) => repoId === task.repoId) : undefined;
  if (breaker !== undefined) return `waits until main itself runs again: ${met(breaker)}`;
  if (job.availableAt > scene.nowMs) {
    const again = `asked again at ${new Date(job.availableAt).toISOString()}`;
    return isInside ? `main has not shown yet whether it landed; ${again}` : again;
  }
  return placeTaken(job, scene);
}

const met = ({ cause, host, since }: Breaker): string => `${cause} on ${host} since ${new Date(since).toISOString()}`;

/** Whatever the task rests on: nothing about its branch can be said before it is whole again. */
export const isBroken = (task: Task, { broken }: Pick<QueueSnapshot, 'broken'>): boolean =>
  task.status !== 'blocked' && task.status !== 'stopping' && broken(task.repoId).includes(task.branch);

function aheadInSerial(task: Task, { settings, tasks }: QueueSnapshot): Task | undefined {
  if (!settings.repositories.serialGate) return undefined;
  const rank = ({ startedAt, id }: Task): string => `${String(startedAt ?? 0).padStart(16, '0')} ${id}`;
  return tasks.find(
    (other) =>
      other.repoId === task.repoId &&
      other.id !== task.id &&
      other.status !== 'blocked' &&
      other.startedAt !== null &&
      (task.startedAt === null || rank(other) < rank(task)),
  );
}

function placeTaken(job: Job, { settings, jobs }: QueueSnapshot): string | null {
  const leased = (kinds: readonly string[]): number =>
    jobs.filter((one) => one.state === 'leased' && kinds.includes(one.kind)).length;
  if (job.kind === 'agent' && leased(['agent']) >= settings.limits.agents)
    return `every agent's place is taken (ORCH_MAX_CONCURRENCY=${settings.limits.agents})`;
  if (job.kind === 'gate' && leased(['gate', 'probe']) >= settings.limits.gateRuns)
    return `every gate's place is taken (ORCH_MAX_GATE_RUNS=${settings.limits.gateRuns})`;
  return null;
}
