/** A sentence that must be true after every write. Pure: two snapshots in, what is wrong out. */
import type { LeaseSnapshot, Snapshot, TaskSnapshot } from '../snapshot.ts';

export interface Invariant {
  /** As a violation names it. */
  readonly name: string;
  readonly says: string;
  /** The parts it reads: while they are the same objects, there is nothing new to say. */
  readonly reads: readonly (keyof Snapshot)[];
  /** `after` is the store now, `before` as it was one write ago. One line for each thing that is wrong. */
  readonly check: (after: Snapshot, before: Snapshot) => readonly string[];
}

export const isOver = ({ stage }: TaskSnapshot): boolean => stage === 'done' || stage === 'cancelled';

/** Nothing of it may run, land or wait for its turn. */
export const isAtRest = (task: TaskSnapshot): boolean =>
  isOver(task) || task.status === 'blocked' || task.status === 'stopping';

/** Inside the critical window and not known to have landed: no other task may move main before that is known. */
export const isInDoubt = ({ criticalToken, landed }: TaskSnapshot): boolean => criticalToken !== null && !landed;

export const heldIn = ({ leases }: Snapshot): readonly LeaseSnapshot[] => leases.filter(({ released }) => !released);
