/** Small pictures of a store, for planting what must not be. */
import { EMPTY, type LeaseInPicture, type LiveJob, type Picture, type TaskInPicture } from '../src/snapshot.ts';

export const task = (id: string, more: Partial<TaskInPicture> = {}): TaskInPicture => ({
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

export const lease = (holder: string, token: number, more: Partial<LeaseInPicture> = {}): LeaseInPicture => ({
  repoId: 'r',
  holder,
  token,
  renewedAt: 0,
  released: false,
  ...more,
});

/** What is not said is not there. */
export function picture({
  tasks = [],
  ...more
}: Partial<Omit<Picture, 'tasks'>> & { tasks?: TaskInPicture[] }): Picture {
  const newestJob = Math.max(0, ...(more.jobs ?? []).map(({ id }) => id));
  return { ...EMPTY, newestJob, ...more, tasks: new Map(tasks.map((one) => [one.id, one])) };
}
