import type { Invariant } from './invariant.ts';

export const stopIsFinal: Invariant = {
  name: 'stop-is-final',
  says: 'Nothing enters the critical window once a stop is on record, and a stop on record stays there.',
  reads: ['tasks'],
  check: (after, before) =>
    [...before.tasks.values()].flatMap((was) => {
      const is = after.tasks.get(was.id);
      if (is === undefined || was.cancelRequestedAt === null) return [];
      if (is.cancelRequestedAt === null) return [`the stop of ${was.id} was forgotten`];
      return was.criticalToken === null && is.criticalToken !== null
        ? [`${was.id} entered the window after its stop`]
        : [];
    }),
};
