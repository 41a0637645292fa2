/** The tables are contract: no importer may change one for the others. */

/** Freezes a table of plain data through and through, and gives it back. */
export function frozen<Table>(table: Table): Table {
  if (typeof table === 'object' && table !== null && !Object.isFrozen(table)) {
    for (const cell of Object.values(table)) frozen(cell);
    Object.freeze(table);
  }
  return table;
}
