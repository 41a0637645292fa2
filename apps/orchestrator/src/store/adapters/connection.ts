/**
 * One connection to the embedded database: fsync with every commit, foreign keys on, readable by its owner only.
 * Inside the store everything is synchronous, so a method runs as one uninterrupted piece; the promise is made once,
 * at the door (`behindPromises`).
 */
import { chmodSync, closeSync, openSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { storeErrorOf } from '../errors.ts';

export interface Connection {
  readonly sqlite: SqliteDatabase.Database;
  readonly orm: BetterSQLite3Database;
  readonly file: string;
  /** Runs `body` in one write transaction that takes the lock at its start; joins a transaction already open. */
  readonly write: <T>(body: () => T) => T;
}

const BUSY_MS = 10_000;

export function connect(file: string): Connection {
  if (file !== ':memory:') claimFile(file);
  const sqlite = new SqliteDatabase(file, { timeout: BUSY_MS });
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('trusted_schema = OFF');
  return { sqlite, orm: drizzle(sqlite), file, write: writer(sqlite) };
}

/** Creates the file with its final mode, so that it is never readable by others, not even for a moment. */
function claimFile(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

function writer(sqlite: SqliteDatabase.Database): Connection['write'] {
  // One transaction function for all bodies: the driver's takes longer to make than many a body takes.
  const transact = sqlite.transaction((body: () => unknown) => body());
  return <T>(body: () => T): T => (sqlite.inTransaction ? body() : (transact.immediate(body) as T));
}

/** A port with its promises taken off: how each part of the store is written. */
export type SyncPort<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...args: infer Args) => Promise<infer Answer>
    ? (...args: Args) => Answer
    : never;
};

/** Turns synchronous methods into the port's; what goes wrong with the disk rejects as `StoreTrouble`. */
export function asyncFacade<Port extends object>(connection: Connection, parts: SyncPort<Port>): Port {
  const wrapped = Object.entries(parts).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return (method as (...args: unknown[]) => unknown)(...args);
      } catch (thrown) {
        throw storeErrorOf(thrown, connection.file);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as Port;
}
