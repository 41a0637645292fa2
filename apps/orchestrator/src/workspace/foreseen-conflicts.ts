/**
 * Conflicts with main that branches in the queue would meet if they were caught up now. Kept in memory, as what it says is
 * found again after a start; the events of a task keep what its people were told.
 */
import type { Task } from '../store/port/index.ts';

export interface ForeseenConflict {
  /** The commits that were compared. */
  readonly base: string;
  readonly head: string;
  /** How many paths conflict, and the first of them. */
  readonly count: number;
  readonly paths: readonly string[];
}

/** A comparison that found no conflict counts none. */
export type Comparison = ForeseenConflict;

export interface ForeseenConflicts {
  /** The conflict that the task's branch would meet, as of the last pass; null: none, or none is known. */
  readonly of: (task: Task) => ForeseenConflict | null;
  /** What was compared last, of any head. */
  readonly last: (task: Task) => Comparison | null;
  /** Replaces what is known of a repository's tasks. */
  readonly keep: (repoId: string, compared: ReadonlyMap<string, Comparison>) => void;
}

export function createForeseenConflicts(onChange: () => void = () => undefined): ForeseenConflicts {
  const known = new Map<string, ReadonlyMap<string, Comparison>>();
  const last = ({ repoId, id }: Task): Comparison | null => known.get(repoId)?.get(id) ?? null;
  return {
    last,
    of: (task) => {
      const found = last(task);
      return found !== null && found.count > 0 && mayMeetConflict(task) ? found : null;
    },
    keep(repoId, compared) {
      const before = known.get(repoId);
      known.set(repoId, compared);
      // What a pass did not compare anew is the very same.
      if (before?.size !== compared.size || [...compared].some(([id, one]) => before.get(id) !== one)) onChange();
    },
  };
}

/** A catch-up is still ahead of it, and no person has to act first. */
export const mayMeetConflict = ({ status, stage, criticalToken, state }: Task): boolean =>
  (status === 'active' || status === 'waiting') && stage !== 'deploy' && criticalToken === null && !state.landed;
