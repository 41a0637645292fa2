/** Small snapshots of a store, for planting what must not be. */
import { EMPTY, type LeaseSnapshot, type LiveJob, type Snapshot, type TaskSnapshot } from '../src/snapshot.ts';

export const task = (id: string, more: Partial<TaskSnapshot> = {}): TaskSnapshot => ({
  id,
  repoId: 'r',
  branch: `queue/${id}`,
  stage: 'deploy-staging',
  status: 'active',
  criticalToken: null,
  landed: false,
  generation: 1,
  cancelRequestedAt: null,
  ...more,
});

export const job = (id: number, taskId: string, more: Partial<LiveJob> = {}): LiveJob => ({
  id,
  taskId,
  stage: 'deploy-staging',
  kind: 'gate',
  state: 'ready',
  ...more,
});

export const lease = (holder: string, token: number, more: Partial<LeaseSnapshot> = {}): LeaseSnapshot => ({
  repoId: 'r',
  holder,
  token,
  renewedAt: 0,
  released: false,
  ...more,
});

/** What is not said is not there. */
export function snapshot({
  tasks = [],
  ...more
}: Partial<Omit<Snapshot, 'tasks'>> & { tasks?: TaskSnapshot[] }): Snapshot {
  const newestJob = Math.max(0, ...(more.jobs ?? []).map(({ id }) => id));
  return { ...EMPTY, newestJob, ...more, tasks: new Map(tasks.map((one) => [one.id, one])) };
}
