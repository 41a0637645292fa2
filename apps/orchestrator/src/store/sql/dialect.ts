/**
 * Everything in which the store's statements differ between engines, by name. What is not in this list is written in the
 * SQL that SQLite and PostgreSQL share.
 */
export interface Dialect {
  /** A place whose value the planner must not read; see the engine's own list for why. */
  readonly opaque: (place: string) => string;
  readonly opaqueLimit: (place: string) => string;
  /** Whether the column is one of a list that was handed in as `listOf` made it. */
  readonly isListed: (column: string, place: string) => string;
  readonly listOf: (values: readonly string[]) => unknown;
  /** A join that is carried out in the order in which it is written. */
  readonly joinInOrder: string;
  /** A table that is walked along this index. */
  readonly along: (table: string, index: string) => string;
  /** A column for which no index is to be used. */
  readonly unindexed: (column: string) => string;
  /** Statements of one cell each; after every commit, whoever made it, one of them differs. */
  readonly changeNumbers: readonly { readonly statement: string; readonly cell: string }[];
  /** How a column's value is kept where the engine has no such type. Null stays null. */
  readonly cells: { readonly [Kind in CellKind]: Cell };
}

export type CellKind = 'json' | 'boolean';

interface Cell {
  readonly decode: (cell: unknown) => unknown;
  readonly encode: (value: unknown) => unknown;
}
