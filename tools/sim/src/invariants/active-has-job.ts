import type { Invariant } from './invariant.ts';
import { isAtRest, isOver } from './invariant.ts';

export const activeHasJob: Invariant = {
  name: 'active-has-job',
  says: 'A task that is over, blocked, stopping or waiting has no live job; an active one has one.',
  reads: ['tasks', 'jobs'],
  check: ({ tasks, jobs }) => {
    const working = new Set(jobs.map(({ taskId }) => taskId));
    const wrong: string[] = [];
    for (const task of tasks.values()) {
      const rests = isAtRest(task) || task.status === 'waiting';
      if (rests && working.has(task.id)) wrong.push(`${task.id} is ${task.stage}/${task.status} and has a live job`);
      const works = task.status === 'active' && !isOver(task) && task.stage !== 'created';
      if (works && !working.has(task.id)) wrong.push(`${task.id} is active on ${task.stage} and has no job`);
    }
    return wrong;
  },
};
