/**
 * The one row codec, derived from the schema: which columns a statement answers in which order, what they are called
 * outside, and which of them are kept as JSON or as a boolean.
 */
import { getTableColumns, getTableName, type Table } from 'drizzle-orm';
import type { CellKind } from './dialect.ts';

interface ShapeColumn {
  /** As the port says it. */
  readonly name: string;
  /** As the table says it. */
  readonly column: string;
  /** Null: kept as it is. */
  readonly kind: CellKind | null;
  readonly isNullable: boolean;
}

export interface RowShape<Row> {
  readonly columns: readonly ShapeColumn[];
  /** The columns as a SELECT or RETURNING lists them, each under the port's name. */
  readonly list: string;
  /** Never there; what a decoded row is, for the types. */
  readonly row?: Row;
}

export interface TableShape<Row> extends RowShape<Row> {
  readonly table: string;
}

/** The rows of a table, without the columns that only the statements use. */
export function tableShape<Of extends Table, Left extends keyof Of['$inferSelect'] & string = never>(
  table: Of,
  left: readonly Left[] = [],
): TableShape<Omit<Of['$inferSelect'], Left>> {
  const columns = Object.entries(getTableColumns(table))
    .filter(([name]) => !(left as readonly string[]).includes(name))
    .map(([name, { name: column, dataType, notNull }]): ShapeColumn => {
      const kind = dataType === 'json' || dataType === 'boolean' ? dataType : null;
      return { name, column, kind, isNullable: !notNull };
    });
  return { table: getTableName(table), columns, list: columns.map((each) => named(each, each.column)).join(', ') };
}

/** An engine builds rows under the names that the statement gives; quoted, because some engines lower what is not. */
const named = ({ name }: ShapeColumn, place: string): string => (name === place ? place : `${place} AS "${name}"`);

/** What a statement answers that is no row of a table: plain cells, under these names. */
export function cellsNamed<Row>(...names: readonly (keyof Row & string)[]): RowShape<Row> {
  return {
    columns: names.map((name) => ({ name, column: name, kind: null, isNullable: true })),
    list: names.join(', '),
  };
}

/** The shape's list with its columns behind a table's alias. */
export const columnsOf = ({ columns }: RowShape<unknown>, alias: string): string =>
  columns.map((each) => named(each, `${alias}.${each.column}`)).join(', ');

/** `INSERT INTO table (…) VALUES (:…)` for these names. */
export function insertInto({ table, columns }: TableShape<unknown>, names: readonly string[]): string {
  const given = columns.filter(({ name }) => names.includes(name));
  const places = given.map(({ name }) => `:${name}`);
  return `INSERT INTO ${table} (${given.map(({ column }) => column).join(', ')}) VALUES (${places.join(', ')})`;
}

/** `column = :name, …` for these names. */
export const assignments = ({ columns }: RowShape<unknown>, names: readonly string[]): string =>
  columns
    .filter(({ name }) => names.includes(name))
    .map(({ name, column }) => `${column} = :${name}`)
    .join(', ');

/** Every name but those that the table itself gives. */
export const namesBut = ({ columns }: RowShape<unknown>, given: string): string[] =>
  columns.map(({ name }) => name).filter((name) => name !== given);

/** A statement that answers only whether there is such a row: `SELECT 1 AS found …`. */
export const FOUND = cellsNamed<{ readonly found: number }>('found');
/** A statement that answers no row, and whose places are all plain. */
export const NO_ROW = cellsNamed<object>();
