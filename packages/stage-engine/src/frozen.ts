/** The tables are contract: nobody who imports one may change it for everybody else. */

/** Freezes a table of plain data through and through, and gives it back. */
export function frozen<Table>(table: Table): Table {
  if (typeof table === 'object' && table !== null && !Object.isFrozen(table)) {
    for (const cell of Object.values(table)) frozen(cell);
    Object.freeze(table);
  }
  return table;
}
