/** The tasks of the queue as they will be served, repository by repository, as the board has them: the lease's holder, then by ticket, then by age. Pure. */
import type { z } from 'zod';
import type { queueView } from '../http/routes/queue.ts';

type Queue = z.infer<typeof queueView>;
type QueuedTask = Queue['tasks'][number];

export interface Placed {
  readonly task: QueuedTask;
  /** From 1; null: it stands in no queue, as a person or a stop has it. */
  readonly place: number | null;
}

export function inQueueOrder({ tasks, merge_gate: { leases, tickets } }: Queue): readonly Placed[] {
  const rank = (task: QueuedTask): readonly (number | string)[] => {
    const ticket = tickets.findIndex((one) => one.task === task.id);
    return [
      isQueued(task) ? 0 : 1,
      leases.some(({ holder }) => holder === task.id) ? 0 : 1,
      ticket < 0 ? tickets.length : ticket,
      task.created_at,
      task.id,
    ];
  };
  const repos = [...new Set(tasks.map(({ repo }) => repo))].sort();
  return repos.flatMap((repo) =>
    tasks
      .filter((task) => task.repo === repo)
      .map((task) => ({ task, rank: rank(task) }))
      .sort((one, other) => compare(one.rank, other.rank))
      .map(({ task }, at) => ({ task, place: isQueued(task) ? at + 1 : null })),
  );
}

const isQueued = ({ status, cause, landed_sha: landed }: QueuedTask): boolean =>
  landed === null && (status === 'active' || status === 'waiting') && cause !== 'approval';

function compare(one: readonly (number | string)[], other: readonly (number | string)[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  if (at < 0) return 0;
  return (one[at] ?? 0) < (other[at] ?? 0) ? -1 : 1;
}
