/**
 * The small interface between the store's logic and a database engine (docs/adr/0010). The logic is written once, as
 * generators: each statement is asked for with `yield*`. An engine that answers at once hands over an answer, and nothing
 * is ever suspended; an engine behind a network yields the step to its driver, and goes on with the answer.
 */
import type { Dialect } from './dialect.ts';
import type { RowShape } from './row-shape.ts';

/** What fills a statement's places, by their names. */
export type Values = Readonly<Record<string, unknown>>;

/** One thing to carry out, for an engine that cannot answer at once. Only its own driver can read it. */
export interface StatementStep {
  readonly prepared: unknown;
  readonly values: unknown;
}

/** A piece of the store's logic: asks for its steps in order and returns its answer. Always called with `yield*`. */
export type Operation<Answer> = Iterable<StatementStep, Answer, unknown>;

/** A prepared statement: an operation of one step. */
export type Query<Answer> = (values: Values) => Operation<Answer>;

/**
 * Prepares statements. A place is written `:name`; named like a column of the shape it is encoded as that column says,
 * any other name takes text, numbers and null as they are.
 */
export interface Driver {
  readonly dialect: Dialect;
  /** The first row found, as `shape` says; the statement answers the shape's columns, in their order and by their names. */
  readonly row: <Row>(shape: RowShape<Row>, text: string) => Query<Row | undefined>;
  readonly rows: <Row>(shape: RowShape<Row>, text: string) => Query<Row[]>;
  /** How many rows the statement wrote or deleted. */
  readonly change: (shape: RowShape<unknown>, text: string) => Query<number>;
  /** The number that the table gave to the new row. */
  readonly insert: (shape: RowShape<unknown>, text: string) => Query<number>;
  /** One view of everything, for reads that must agree. */
  readonly read: <Answer>(body: () => Operation<Answer>) => Operation<Answer>;
  /** One write transaction that takes the lock at its start; joins a transaction already open. */
  readonly write: <Answer>(body: () => Operation<Answer>) => Operation<Answer>;
}

/** A port with its promises taken off: how each part of the store is written. */
export type Operations<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...args: infer Args) => Promise<infer Answer>
    ? (...args: Args) => Operation<Answer>
    : never;
};

/** One statement for each set of names, prepared when it is first asked for: some dozens, all of names that stand in the code. */
export function memoizeByNames<Statement>(
  prepare: (names: readonly string[]) => Statement,
): (names: readonly string[]) => Statement {
  const known = new Map<string, Statement>();
  return (names) => {
    const key = names.join();
    const statement = known.get(key) ?? prepare(names);
    known.set(key, statement);
    return statement;
  };
}
