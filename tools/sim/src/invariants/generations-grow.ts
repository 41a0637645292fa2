import { recoverKey } from '@gatehouse/cancel';
import type { Invariant } from './invariant.ts';

export const generationsGrow: Invariant = {
  name: 'generations-grow',
  says: 'A task that takes up a branch again is a later generation than every one before it.',
  reads: ['tasks'],
  check: (after, before) =>
    [...after.tasks.values()]
      .filter(({ id }) => !before.tasks.has(id))
      .flatMap((task) => {
        const name = recoverKey(task.branch);
        const twins = [...before.tasks.values()].filter(
          (other) => other.repoId === task.repoId && recoverKey(other.branch) === name,
        );
        return twins
          .filter(({ generation }) => generation >= task.generation)
          .map(
            (twin) => `${task.id} and ${twin.id} of ${name} are generations ${task.generation} and ${twin.generation}`,
          );
      }),
};
