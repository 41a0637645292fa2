import { type Invariant, isInDoubt } from './invariant.ts';

export const windowAtLanding: Invariant = {
  name: 'window-at-landing',
  says: 'A task inside the critical window is at its landing, at work, until main has said whether it has landed.',
  reads: ['tasks'],
  check: ({ tasks }) =>
    [...tasks.values()]
      .filter((task) => isInDoubt(task) && !(task.stage === 'deploy' && task.status === 'active'))
      .map(({ id, stage, status }) => `${id} is inside the window, and ${status} at ${stage}`),
};
