/** Statements that are built once: building a query costs many times what running it costs. */
import { getTableColumns, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';

/** An update takes a place like an expression, and encodes what fills it as its column says; the types know only of the latter. */
type Places<Name extends string> = { [Each in Name]: Placeholder<Each, never> & SQL };

/** A place for each name, to be filled when the statement runs. */
export const placeholdersFor = <Name extends string>(names: readonly Name[]): Places<Name> =>
  Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as Places<Name>;

type Given<Table extends SQLiteTable> = Exclude<keyof Table['_']['columns'] & string, 'id'>;

/** A place for every column but `id`, which the table gives. */
export const placeholdersOf = <Table extends SQLiteTable>(table: Table): Places<Given<Table>> =>
  placeholdersFor(Object.keys(getTableColumns(table)).filter((name) => name !== 'id') as Given<Table>[]);

/** One statement for each set of names, built when it is first asked for: some dozens, all of names that stand in the code. */
export function memoizeByNames<Statement>(
  build: (names: readonly string[]) => Statement,
): (names: readonly string[]) => Statement {
  const built = new Map<string, Statement>();
  return (names) => {
    const key = names.join();
    const statement = built.get(key) ?? build(names);
    built.set(key, statement);
    return statement;
  };
}

/**
 * A value to look rows up by, and the row limit named `limit`. SQLite plans a statement anew each time a bare parameter
 * is bound whose value could change the plan (beside a partial index, an ORDER BY or as a LIMIT), and that costs ten
 * times what the statement does. An expression cannot be looked into, so the plan stays. Constants in the condition of a
 * partial index are written out with `inlineParams()` for the same reason.
 */
export const opaque = (name: string): SQL => sql`(SELECT ${sql.placeholder(name)})`;
export const givenLimit = sql`${sql.placeholder('limit')} + 0` as unknown as Placeholder<'limit'>;
