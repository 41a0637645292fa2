/**
 * One production store in memory, emptied between worlds: opening a new one costs more than living through one. The
 * same connection is read by the invariants, outside the store.
 */
import { type Connection, connect, migrate, type Store, storeOn } from '@gatehouse/orchestrator';

export type Sqlite = Connection['sqlite'];
export type Statement = ReturnType<Sqlite['prepare']>;

export interface Database {
  readonly store: Store;
  readonly sqlite: Sqlite;
  /** Prepared once per text. */
  readonly query: (text: string) => Statement;
  /** Whether rows were written since it was last asked. */
  readonly hasWritten: () => boolean;
  readonly empty: () => void;
}

export function openDatabase(): Database {
  const connection = connect(':memory:');
  migrate(connection);
  const { sqlite } = connection;
  const tables = sqlite
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all() as string[];
  const clear = [...tables, 'sqlite_sequence'].map((table) => sqlite.prepare(`DELETE FROM "${table}"`));
  const written = sqlite.prepare('SELECT total_changes()').pluck();
  let seen = 0;
  const empty = sqlite.transaction(() => {
    for (const statement of clear) statement.run();
  });
  const prepared = new Map<string, Statement>();
  return {
    query: (text) => {
      const known = prepared.get(text) ?? sqlite.prepare(text);
      prepared.set(text, known);
      return known;
    },
    store: storeOn(connection),
    sqlite,
    hasWritten: () => {
      const now = written.get() as number;
      const hasChanged = now !== seen;
      seen = now;
      return hasChanged;
    },
    empty: () => {
      sqlite.pragma('foreign_keys = OFF');
      empty();
      sqlite.pragma('foreign_keys = ON');
    },
  };
}
