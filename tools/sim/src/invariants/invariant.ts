/** A sentence that must be true after every write. Pure: two pictures in, what is wrong out. */
import type { LeaseInPicture, Picture, TaskInPicture } from '../snapshot.ts';

export interface Invariant {
  /** As a violation names it. */
  readonly name: string;
  readonly says: string;
  /** The parts it looks at: while they are the same objects, there is nothing new to say. */
  readonly reads: readonly (keyof Picture)[];
  /** `after` is the store now, `before` as it was one write ago. One line for each thing that is wrong. */
  readonly check: (after: Picture, before: Picture) => readonly string[];
}

export const isOver = ({ stage }: TaskInPicture): boolean => stage === 'done' || stage === 'cancelled';

/** Nothing of it may run, land or wait for its turn. */
export const isAtRest = (task: TaskInPicture): boolean =>
  isOver(task) || task.status === 'blocked' || task.status === 'stopping';

/** Inside the critical window and not known to have landed: nobody else may move main before that is known. */
export const isInDoubt = ({ criticalToken, landed }: TaskInPicture): boolean => criticalToken !== null && !landed;

export const heldIn = ({ leases }: Picture): readonly LeaseInPicture[] => leases.filter(({ released }) => !released);
