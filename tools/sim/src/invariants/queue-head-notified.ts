import type { Invariant } from './invariant.ts';

export const queueHeadNotified: Invariant = {
  name: 'queue-head-notified',
  says: 'While the lease is free, the first in the queue has been woken; a task in the queue waits for the lease.',
  reads: ['leases', 'tickets', 'tasks'],
  check: ({ leases, tickets, tasks }) => {
    const wrong: string[] = [];
    const first = new Map<string, (typeof tickets)[number]>();
    for (const ticket of tickets) if (!first.has(ticket.repoId)) first.set(ticket.repoId, ticket);
    for (const { repoId, taskId, woken } of first.values()) {
      const lease = leases.find((row) => row.repoId === repoId);
      if ((lease === undefined || lease.released) && !woken) wrong.push(`${taskId} sleeps beside the free lease`);
    }
    for (const { taskId } of tickets) {
      const task = tasks.get(taskId);
      if (task === undefined || task.stage === 'done' || task.stage === 'cancelled' || task.status === 'blocked')
        wrong.push(`${taskId} is ${task?.stage}/${task?.status} and still in the queue`);
    }
    return wrong;
  },
};
