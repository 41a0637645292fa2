/** What SQLite says in its own way. */
import type { Dialect } from '../sql/dialect.ts';
import { parseShared } from './json-cache.ts';

export const SQLITE: Dialect = {
  /*
   * SQLite plans a statement anew each time a bare parameter is bound whose value could change the plan (beside a partial
   * index, an ORDER BY or as a LIMIT), and that costs ten times what the statement does. The planner does not read
   * expressions, so the plan stays. Constants in the condition of a partial index are written out for the same reason.
   */
  opaque: (place) => `(SELECT ${place})`,
  opaqueLimit: (place) => `${place} + 0`,
  isListed: (column, place) => `${column} IN (SELECT value FROM json_each(${place}))`,
  listOf: (values) => JSON.stringify(values),
  joinInOrder: 'CROSS JOIN',
  along: (table, index) => `${table} INDEXED BY ${index}`,
  // What this connection has changed, and how often another one has. As a table the second one is prepared anew at each reading.
  changeNumbers: [
    { statement: 'SELECT total_changes() AS changes', cell: 'changes' },
    { statement: 'PRAGMA data_version', cell: 'data_version' },
  ],
  unindexed: (column) => `+${column}`,
  cells: {
    json: { decode: (cell) => parseShared(cell as string), encode: (value) => JSON.stringify(value) },
    boolean: { decode: (cell) => cell === 1, encode: (value) => (value === true ? 1 : 0) },
  },
};
