import type { Invariant } from './invariant.ts';
import { isOver } from './invariant.ts';

export const terminalIsFinal: Invariant = {
  name: 'terminal-is-final',
  says: 'A task that is done or cancelled stays so.',
  reads: ['tasks'],
  check: (after, before) =>
    [...before.tasks.values()]
      .filter((task) => isOver(task) && after.tasks.get(task.id)?.stage !== task.stage)
      .map(({ id, stage }) => `${id} was ${stage} and is ${after.tasks.get(id)?.stage ?? 'gone'}`),
};
