import type { Invariant } from './invariant.ts';
import { heldIn, isAtRest, isInDoubt } from './invariant.ts';

export const leaseAtRest: Invariant = {
  name: 'lease-at-rest',
  says: 'A task that is blocked, stopping, over or waiting holds no lease, unless its landing is in doubt.',
  reads: ['leases', 'tasks'],
  check: (after) =>
    heldIn(after).flatMap(({ repoId, holder }) => {
      const task = after.tasks.get(holder);
      if (task === undefined || isInDoubt(task)) return [];
      if (!isAtRest(task) && task.status !== 'waiting') return [];
      return [`${holder} is ${task.stage}/${task.status} and holds the lease of ${repoId}`];
    }),
};
