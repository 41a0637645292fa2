import type { Invariant } from './invariant.ts';

export const endedJobsStayEnded: Invariant = {
  name: 'ended-jobs-stay-ended',
  says: 'A job that was done, failed or cancelled never becomes live again.',
  reads: ['jobs'],
  check: (after, before) => {
    const known = new Set(before.jobs.map(({ id }) => id));
    return after.jobs
      .filter(({ id }) => id <= before.newestJob && !known.has(id))
      .map(({ id, taskId }) => `job ${id} of ${taskId} had ended and is live again`);
  },
};
