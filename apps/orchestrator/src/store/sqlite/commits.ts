/** Tells listeners of this connection's commits; the engine's own hook for it is not within reach. */
import type SqliteDatabase from 'better-sqlite3';
import type { CommitListeners } from '../port/index.ts';

export interface Commits extends CommitListeners {
  /** A statement has changed something: alone, or inside a transaction. */
  readonly changed: () => void;
  /** A transaction may have ended. */
  readonly ended: () => void;
}

export function createCommits(sqlite: Pick<SqliteDatabase.Database, 'inTransaction'>): Commits {
  const listeners = new Set<() => void>();
  let isUntold = false;
  const ended = (): void => {
    if (!isUntold || sqlite.inTransaction) return;
    isUntold = false;
    for (const listener of listeners) listener();
  };
  return {
    changed() {
      isUntold = true;
      ended();
    },
    ended,
    onCommit(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
