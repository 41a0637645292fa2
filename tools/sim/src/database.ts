/**
 * One production store in memory, emptied between worlds: opening a new one costs more than living through one. The
 * same connection is read by the invariants, outside the store.
 */
import { type Connection, connect, migrate, type Store, storeOn } from '@gatehouse/orchestrator';
import { invariant } from '@gatehouse/verdict';

export type Sqlite = Connection['sqlite'];
export type Statement = ReturnType<Sqlite['prepare']>;

export interface Database {
  readonly store: Store;
  readonly sqlite: Sqlite;
  /** Prepared once per text. */
  readonly query: (text: string) => Statement;
  /** Whether rows were written since it was last asked. */
  readonly hasWritten: () => boolean;
  /** Tables that a statement was carried out on that may have changed them; whoever has looked at one takes it out. */
  readonly touched: Set<string>;
  readonly empty: () => void;
  /** Tables with a row that refers to none, once for each such row. */
  readonly orphans: () => readonly string[];
}

export function openDatabase(): Database {
  const connection = connect(':memory:');
  migrate(connection);
  // Looked at as a whole when a world ends: cheaper than a look at every row, and told as a violation of its own.
  connection.sqlite.pragma('foreign_keys = OFF');
  const { sqlite } = connection;
  const touched = noteWrites(sqlite);
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
    touched,
    hasWritten: () => {
      const now = written.get() as number;
      const hasChanged = now !== seen;
      seen = now;
      return hasChanged;
    },
    empty,
    orphans: () => (sqlite.pragma('foreign_key_check') as { table: string }[]).map(({ table }) => table),
  };
}

const WRITES = /^\s*(?:insert\s+(?:or\s+\w+\s+)?into|update|delete\s+from)\s+"?(\w+)"?/i;

/** Reads off every statement that is prepared from now on which table it writes to, and notes each time it is carried out. */
function noteWrites(sqlite: Sqlite): Set<string> {
  const touched = new Set<string>();
  const prepare = sqlite.prepare.bind(sqlite) as (text: string) => Statement;
  const noted = (text: string): Statement => {
    const statement = prepare(text);
    const table = WRITES.exec(text)?.[1];
    if (table === undefined) {
      invariant(
        statement.readonly || /^\s*(?:begin|commit|rollback|savepoint|release)/i.test(text),
        `it writes: ${text}`,
      );
      return statement;
    }
    for (const name of ['run', 'get', 'all'] as const) {
      const carryOut = statement[name].bind(statement) as (...args: unknown[]) => never;
      statement[name] = (...args: unknown[]) => {
        touched.add(table);
        return carryOut(...args);
      };
    }
    return statement;
  };
  Object.assign(sqlite, { prepare: noted });
  return touched;
}
