/**
 * The embedded store: one SQLite file, readable by its owner only, fsynced with every commit, shared safely by several
 * processes on one machine.
 */
import { StoreError, storeErrorOf } from '../errors.ts';
import type { Store } from '../port/index.ts';
import { storeParts } from '../store-parts.ts';
import { type Connection, connect, neverWait } from './connection.ts';
import { asyncFacade, sqliteDriver } from './driver.ts';
import { migrate } from './migrate.ts';

export type OpenOutcome =
  | { readonly kind: 'opened'; readonly store: Store }
  /** For the operator: nothing was changed. */
  | { readonly kind: 'refused'; readonly trouble: StoreError };

/** Opens or creates the file (its folder must exist) and brings it to this version. `:memory:` is for simulations. */
export function openSqliteStore(file: string): OpenOutcome {
  let connection: Connection | undefined;
  try {
    connection = connect(file);
    migrate(connection);
    return { kind: 'opened', store: storeOn(connection) };
  } catch (thrown) {
    connection?.sqlite.close();
    const error = storeErrorOf(thrown, file);
    if (error instanceof StoreError) return { kind: 'refused', trouble: error };
    throw error;
  }
}

/** The port over a connection that is at this version already. */
export function storeOn(connection: Connection): Store {
  neverWait(connection);
  const parts = storeParts(sqliteDriver(connection));
  return { ...asyncFacade<Omit<Store, 'close'>>(connection, parts), close: async () => void connection.sqlite.close() };
}
