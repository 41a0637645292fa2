/**
 * One production store in memory, emptied between worlds: opening a new one costs more than living through one. The
 * same connection is read by the invariants, outside the store.
 */
import { type Connection, connect, migrate, type Store, storeOn } from '@gatehouse/orchestrator/testing';
import { invariant } from '@gatehouse/verdict';

export type Sqlite = Connection['sqlite'];
export type Statement = ReturnType<Sqlite['prepare']>;

export interface Database {
  readonly store: Store;
  readonly sqlite: Sqlite;
  /** Prepared once per text. */
  readonly query: (text: string) => Statement;
  /** Whether rows were written since the last call. */
  readonly hasWritten: () => boolean;
  /** Grows with every statement that changed a row. */
  readonly writes: () => number;
  /** Tables in which a statement changed rows; a reader that has read one takes it out. */
  readonly touched: Set<string>;
  /** Of them those that rows were added to. */
  readonly grown: Set<string>;
  readonly empty: () => void;
  /** Tables with a row that refers to none, once for each such row. */
  readonly orphans: () => readonly string[];
}

export function openDatabase(): Database {
  const connection = connect(':memory:');
  migrate(connection);
  // Checked as a whole when a world ends: cheaper than a check of every row, and reported as a violation of its own.
  connection.sqlite.pragma('foreign_keys = OFF');
  const { sqlite } = connection;
  const { touched, grown, hasWritten, writes } = noteWrites(sqlite);
  const tables = sqlite
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all() as string[];
  const clear = [...tables, 'sqlite_sequence'].map((table) => sqlite.prepare(`DELETE FROM "${table}"`));
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
    grown,
    hasWritten,
    writes,
    empty,
    orphans: () => (sqlite.pragma('foreign_key_check') as { table: string }[]).map(({ table }) => table),
  };
}

const NONE: readonly unknown[] = [];
const WRITES = /^\s*(insert\s+(?:or\s+\w+\s+)?into|update|delete\s+from)\s+"?(\w+)"?/i;

/**
 * Reads off every statement that is prepared from now on which table it writes to, and notes when it changed a row
 * there.
 */
function noteWrites(sqlite: Sqlite): Pick<Database, 'touched' | 'grown' | 'hasWritten' | 'writes'> {
  const touched = new Set<string>();
  let writes = 0;
  let reported = 0;
  const grown = new Set<string>();
  const note = (table: string, grows: boolean): void => {
    touched.add(table);
    if (grows) grown.add(table);
    writes += 1;
  };
  const prepare = sqlite.prepare.bind(sqlite) as (text: string) => Statement;
  const noted = (text: string): Statement => {
    const statement = prepare(text);
    const [, how = '', table] = WRITES.exec(text) ?? [];
    if (table === undefined) {
      invariant(
        statement.readonly || /^\s*(?:begin|commit|rollback|savepoint|release)/i.test(text),
        `it writes: ${text}`,
      );
      return statement;
    }
    const grows = /^insert/i.test(how);
    const watch = <Answer>(name: 'run' | 'get' | 'all', hasChanged: (answer: Answer) => boolean): void => {
      const carryOut = statement[name] as (values: unknown) => Answer;
      const watched = (values: unknown = NONE): Answer => {
        const answer = carryOut.call(statement, values);
        if (hasChanged(answer)) note(table, grows);
        return answer;
      };
      Object.assign(statement, { [name]: watched });
    };
    watch('run', ({ changes }: { changes: number }) => changes > 0);
    watch('get', (row: unknown) => row !== undefined);
    watch('all', (rows: readonly unknown[]) => rows.length > 0);
    return statement;
  };
  Object.assign(sqlite, { prepare: noted });
  return {
    touched,
    grown,
    hasWritten: () => {
      const has = writes > reported;
      reported = writes;
      return has;
    },
    writes: () => writes,
  };
}
