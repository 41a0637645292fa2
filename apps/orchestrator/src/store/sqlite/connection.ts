/** One connection to the embedded database: fsync with every commit, foreign keys on, readable by its owner only. */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { StoreError } from '../errors.ts';
import { type Commits, createCommits } from './commits.ts';

export interface Connection {
  readonly sqlite: SqliteDatabase.Database;
  readonly file: string;
  /** Runs `body` on one view of everything; joins a transaction already open. */
  readonly read: <T>(body: () => T) => T;
  /** Runs `body` in one write transaction that takes the lock at its start; joins a transaction already open. */
  readonly write: <T>(body: () => T) => T;
  /** The driver tells it of changes. */
  readonly commits: Commits;
  /** A descriptor of the file that ends with the connection: to close any one before drops the locks that the engine holds. */
  readonly keep: (descriptor: number) => void;
  readonly close: () => void;
}

/** While the file is opened nothing else runs here yet. The port waits by its own queue, and never within the engine. */
const OPENING_BUSY_MS = 10_000;

/** From now on a lock of another process is told at once, so that it can be waited for elsewhere. */
export const neverWait = ({ sqlite }: Pick<Connection, 'sqlite'>): void => void sqlite.pragma('busy_timeout = 0');

/** Opens or creates the file; its folder must exist. */
export function connect(file: string): Connection {
  if (file !== ':memory:') claimFile(file);
  const sqlite = new SqliteDatabase(file, { timeout: OPENING_BUSY_MS });
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('trusted_schema = OFF');
  const commits = createCommits(sqlite);
  return { sqlite, file, ...transactions(sqlite, commits), commits, ...ending(sqlite) };
}

function ending(sqlite: SqliteDatabase.Database): Pick<Connection, 'keep' | 'close'> {
  const kept: number[] = [];
  return {
    keep: (descriptor) => void kept.push(descriptor),
    close: () => {
      sqlite.close();
      for (const descriptor of kept.splice(0)) closeSync(descriptor);
    },
  };
}

/** Creates the file with its final mode, so that it is never readable by others, not even for a moment. */
function claimFile(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  // To open a pipe waits for whoever reads it, and nothing of this process goes on meanwhile.
  if (found !== undefined && !found.isFile() && !found.isDirectory())
    throw new StoreError('cannot-open', `${file} is no file; move it away, or restore a copy: gatehouse restore COPY`);
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

function transactions(sqlite: SqliteDatabase.Database, commits: Commits): Pick<Connection, 'read' | 'write'> {
  // One transaction function for all bodies: the driver's takes longer to make than many a body takes.
  const transact = sqlite.transaction((body: () => unknown) => body());
  return {
    read: <T>(body: () => T): T => (sqlite.inTransaction ? body() : (transact.deferred(body) as T)),
    write: <T>(body: () => T): T => {
      if (sqlite.inTransaction) return body();
      const answer = transact.immediate(body) as T;
      commits.ended();
      return answer;
    },
  };
}
