/**
 * The embedded store: one SQLite file, readable by its owner only, fsynced with every commit, shared safely by several
 * processes on one machine. What is wrong with the file is said before it is used (docs/adr/0019).
 */
import { type ConditionRecord, createCondition } from '../condition.ts';
import { StoreError, storeErrorOf } from '../errors.ts';
import type { Store } from '../port/index.ts';
import { storeParts } from '../store-parts.ts';
import { type Connection, connect, neverWait } from './connection.ts';
import { isUnwritten } from './contents.ts';
import { asyncFacade, sqliteDriver } from './driver.ts';
import { lossLeft } from './mark.ts';
import { migrate } from './migrate.ts';
import { missingStore } from './missing.ts';
import { damaged, damageMet, damageOf } from './pages.ts';
import { type StoreFile, storeFile } from './store-file.ts';

export type OpenOutcome =
  | { readonly kind: 'opened'; readonly store: Store; readonly file: StoreFile }
  /** For the operator: nothing was changed. */
  | { readonly kind: 'refused'; readonly trouble: StoreError };

/**
 * Opens or creates the file (its folder must exist) and brings it to this version. `:memory:` is for simulations. Where one
 * of the folders `traces` holds anything, the file must be there.
 */
export function openSqliteStore(file: string, traces: readonly string[] = []): OpenOutcome {
  let connection: Connection | undefined;
  try {
    const loss = missingStore(file, traces) ?? lossLeft(file);
    if (loss !== null) return { kind: 'refused', trouble: loss };
    connection = connect(file);
    const damage = damageOf(connection.sqlite, 'quick_check');
    if (damage !== null) throw damaged(file, damage);
    if (isUnwritten(connection.sqlite, file)) {
      const loss = missingStore(file, traces, { isEmpty: true });
      if (loss !== null) throw loss;
    }
    migrate(connection);
    const condition = createCondition();
    return { kind: 'opened', store: storeOn(connection, condition), file: storeFile(connection, condition) };
  } catch (thrown) {
    connection?.close();
    const error = storeErrorOf(thrown, file);
    if (error instanceof StoreError) return { kind: 'refused', trouble: damageMet(error, file) };
    throw error;
  }
}

/** The port over a connection that is at this version already. */
export function storeOn(connection: Connection, condition: ConditionRecord = createCondition()): Store {
  neverWait(connection);
  const parts = storeParts(sqliteDriver(connection));
  const methods = asyncFacade<Omit<Store, 'close' | 'onCommit'>>(connection, parts, condition);
  const { onCommit } = connection.commits;
  return { ...methods, onCommit, close: async () => connection.close() };
}
