import type { Invariant } from './invariant.ts';

export const oneLiveJob: Invariant = {
  name: 'one-live-job',
  says: 'A task has at most one live job, whatever its stage and kind.',
  reads: ['jobs'],
  check: ({ jobs }) => {
    const owners = new Map<string, number>();
    const wrong: string[] = [];
    for (const { id, taskId } of jobs) {
      if (taskId === null) continue;
      const other = owners.get(taskId);
      if (other !== undefined) wrong.push(`${taskId} has the live jobs ${other} and ${id}`);
      owners.set(taskId, id);
    }
    return wrong;
  },
};
