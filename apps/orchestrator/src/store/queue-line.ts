/** Where the tasks of a repository stand in the queue, and what a place in it takes. */
import { everyTask } from './every-task.ts';
import type { Store, Task } from './port/index.ts';

/** The queue of one repository at one moment. */
export interface Line {
  /** Ids of the tasks in it; the first one has the merge lease or is next. */
  readonly tasks: readonly string[];
  /** Median of the last runs of its merge check, ms; null: there was none. */
  readonly placeMs: number | null;
}

const RUNS = 20;

interface Reads {
  readonly store: Pick<Store, 'currentLease' | 'lastDurations' | 'listTasks' | 'listTickets'>;
  readonly checkOfGate: (gate: 'merge') => string;
}

/** Tasks that are blocked or being stopped stand in no queue. First the holder of the lease, then those with a ticket, then by age. */
export async function readLine({ store, checkOfGate }: Reads, repoId: string): Promise<Line> {
  const lease = await store.currentLease(repoId);
  const holder = lease?.releasedAt === null ? lease.holder : null;
  const tickets = (await store.listTickets(repoId)).map(({ taskId }) => taskId);
  const rank = ({ id }: Task): number => {
    if (id === holder) return -1;
    const at = tickets.indexOf(id);
    return at < 0 ? tickets.length : at;
  };
  const standing: Task[] = [];
  for await (const task of everyTask(store, { repoId, live: true }))
    if (task.status === 'active' || task.status === 'waiting') standing.push(task);
  const tasks = standing
    .filter(({ state }) => !state.landed)
    .sort((one, other) => rank(one) - rank(other) || one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1));
  const durations = await store.lastDurations({ repoId, check: checkOfGate('merge'), limit: RUNS });
  return { tasks: tasks.map(({ id }) => id), placeMs: median(durations) };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
