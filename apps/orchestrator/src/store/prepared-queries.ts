/**
 * Drizzle writes and types these queries, the driver runs them: on hot paths decoding every cell of every row by its
 * column's class costs more than the statement. Which columns need decoding is settled when the statement is prepared.
 */
import { getTableColumns, type InferColumnsDataTypes, is, Param, Placeholder, Table } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Connection } from './adapters/connection.ts';

type Columns = Readonly<Record<string, SQLiteColumn>>;
/** A table stands for all of its columns in their order, as a plain `select()` or `returning()` answers them. */
type Shape = SQLiteTable | Columns;
type RowOf<Of extends Shape> = Of extends SQLiteTable
  ? Of['$inferSelect']
  : Of extends Columns
    ? InferColumnsDataTypes<Of>
    : never;
type Values = Readonly<Record<string, unknown>>;

interface Query {
  toSQL(): { sql: string; params: unknown[] };
}

export interface PreparedSelect<Row> {
  readonly get: (values: Values) => Row | undefined;
  readonly all: (values: Values) => Row[];
}

/** Prepares a query that answers the columns of `shape` in their order. */
export function prepareSelect<Of extends Shape>(
  { sqlite }: Connection,
  shape: Of,
  query: Query,
): PreparedSelect<RowOf<Of>> {
  const { sql: text, params } = query.toSQL();
  const statement = sqlite.prepare(text).raw();
  const decode = decoderOf(shape);
  const bind = binder(params);
  return {
    get: (values) => {
      const cells = statement.get(bind(values));
      return cells === undefined ? undefined : decode(cells as unknown[]);
    },
    all: (values) => statement.all(bind(values)).map((cells) => decode(cells as unknown[])),
  };
}

/** Prepares an insert that answers the number the table gave to its row. */
export function prepareInsert({ sqlite }: Connection, query: Query): (values: Values) => number {
  const { sql: text, params } = query.toSQL();
  const statement = sqlite.prepare(text);
  const bind = binder(params);
  return (values) => Number(statement.run(bind(values)).lastInsertRowid);
}

/** Prepares a change that answers how many rows it met. */
export function prepareUpdate({ sqlite }: Connection, query: Query): (values: Values) => number {
  const { sql: text, params } = query.toSQL();
  const statement = sqlite.prepare(text);
  const bind = binder(params);
  return (values) => statement.run(bind(values)).changes;
}

type Decode = (cell: unknown) => unknown;

/** Makes a row of the cells that a statement in raw mode answers; what stands behind the columns of `shape` is left alone. */
export function decoderOf<Of extends Shape>(shape: Of): (cells: readonly unknown[]) => RowOf<Of> {
  const columns = Object.entries(is(shape, Table) ? getTableColumns(shape) : shape).map(
    ([name, column]): { name: string; decode: Decode | null } => {
      if (column.dataType === 'json') return { name, decode: parsedOnce as Decode };
      return {
        name,
        decode: column.dataType === 'boolean' ? (cell) => column.mapFromDriverValue(cell as never) : null,
      };
    },
  );
  return (cells) => {
    const row: Record<string, unknown> = {};
    for (let at = 0; at < columns.length; at += 1) {
      const { name, decode } = columns[at] as (typeof columns)[number];
      const cell = cells[at];
      row[name] = cell === null || decode === null ? cell : decode(cell);
    }
    return row as RowOf<Of>;
  };
}

/** Two MiB at most: a task's state is about a kilobyte; findings and coverage by file may be a thousand times that. */
const KEPT = { texts: 256, length: 4_096 };
const parsed = new Map<string, unknown>();

/** What is read from a row is never written to, so rows with the same short text share it: most are read several times. */
function parsedOnce(text: string): unknown {
  if (text.length > KEPT.length) return JSON.parse(text);
  const known = parsed.get(text);
  if (known !== undefined) return known;
  if (parsed.size >= KEPT.texts) parsed.clear();
  const value: unknown = JSON.parse(text);
  parsed.set(text, value);
  return value;
}

type Bound = (values: Values) => unknown;

function binder(params: readonly unknown[]): (values: Values) => unknown[] {
  const bounds = params.map((param): Bound => {
    if (is(param, Placeholder)) return (values) => values[param.name];
    if (!is(param, Param) || !is(param.value, Placeholder)) return () => param;
    const { encoder, value } = param;
    return (values) => encoder.mapToDriverValue(values[value.name]);
  });
  return (values) => bounds.map((bound) => bound(values));
}
