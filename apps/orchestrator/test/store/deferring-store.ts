/**
 * The store's logic driven as an engine behind a network drives it: every statement and every transaction is yielded, and
 * the operation stands still until its answer comes. What forgets to ask with `yield*` is never carried out here.
 */

import { storeErrorOf } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/port/index.ts';
import type { Driver, Operation, Query, Values } from '../../src/store/sql/driver.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { drive, sqliteDriver } from '../../src/store/sqlite/driver.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { storeParts } from '../../src/store/store-parts.ts';
import { tempFolder } from './temp-store.ts';
import type { StoreUnderTest } from './world.ts';

const carriedOut = { steps: 0 };

/** How many steps were yielded and answered so far. */
export const stepsCarriedOut = (): number => carriedOut.steps;

function* deferred<Answer>(carryOut: () => Answer): Operation<Answer> {
  return (yield { prepared: carryOut, values: null }) as Answer;
}

const deferring =
  <Answer>(query: Query<Answer>): Query<Answer> =>
  (values: Values) =>
    deferred(() => drive(query(values)));

function resume<Answer>(operation: Operation<Answer>): Answer {
  const steps = operation[Symbol.iterator]();
  let step = steps.next();
  while (step.done !== true) {
    carriedOut.steps += 1;
    step = steps.next((step.value.prepared as () => unknown)());
  }
  return step.value;
}

function deferringDriver(inner: Driver, write: <T>(body: () => T) => T): Driver {
  return {
    dialect: inner.dialect,
    row: (shape, text) => deferring(inner.row(shape, text)),
    rows: (shape, text) => deferring(inner.rows(shape, text)),
    change: (shape, text) => deferring(inner.change(shape, text)),
    insert: (shape, text) => deferring(inner.insert(shape, text)),
    read: (body) => deferred(() => write(() => resume(body()))),
    write: (body) => deferred(() => write(() => resume(body()))),
  };
}

function openDeferring(file: string): Store {
  const connection = connect(file);
  migrate(connection);
  // The logic is tried here, and not the disk.
  connection.sqlite.pragma('synchronous = OFF');
  const parts = storeParts(deferringDriver(sqliteDriver(connection), connection.write));
  const methods = Object.entries(parts).map(([name, begin]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return resume((begin as (...args: unknown[]) => Operation<unknown>)(...args));
      } catch (thrown) {
        throw storeErrorOf(thrown, file);
      }
    },
  ]);
  const { onCommit } = connection.commits;
  return { ...Object.fromEntries(methods), onCommit, close: async () => void connection.sqlite.close() } as Store;
}

export async function deferringStore(): Promise<StoreUnderTest> {
  const { dir, remove } = tempFolder();
  const file = `${dir}/store.sqlite`;
  const store = openDeferring(file);
  return {
    store,
    again: async () => openDeferring(file),
    dispose: async () => {
      await store.close();
      remove();
    },
  };
}
