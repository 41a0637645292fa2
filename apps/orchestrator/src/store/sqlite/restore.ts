/**
 * Puts a copy at the store's place. The copy is checked and lies on the same disk before anything is moved; what was there
 * is set aside. Cut off in between, it is told by the next start, and can be carried out again.
 */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { identityIs } from '@gatehouse/proc-group';
import { StoreError, storeErrorOf } from '../errors.ts';
import { copyOf } from './backup.ts';
import { connect } from './connection.ts';
import { type Contents, openForReading } from './contents.ts';
import { sync } from './copy.ts';
import { removeMark } from './mark.ts';
import { setAside } from './rescue.ts';

export type RestoreAnswer =
  | { readonly kind: 'restored'; readonly contents: Contents; readonly aside: readonly string[] }
  /** Nothing was changed. */
  | { readonly kind: 'refused'; readonly problem: string };

/** Refuses a copy that is damaged, newer than this version or no store, and a place where a service runs. */
export function restore(file: string, copy: string): RestoreAnswer {
  const found = statSync(copy, { throwIfNoEntry: false });
  if (found?.isFile() !== true)
    return { kind: 'refused', problem: `${copy} ${found === undefined ? 'does not exist' : 'is no file'}` };
  const user = liveUserOf(file);
  if (user !== null)
    return { kind: 'refused', problem: `a service (process ${user}) works on ${file}; end it, then restore` };
  const ready = `${file}.restoring`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const contents = copyOf(copy, ready);
    forgetUsers(ready);
    const aside = setAside(file);
    renameSync(ready, file);
    removeMark(file);
    sync(dirname(file));
    return { kind: 'restored', contents, aside };
  } catch (thrown) {
    const error = storeErrorOf(thrown, copy);
    if (error instanceof StoreError) return { kind: 'refused', problem: aboutCopy(error) };
    throw error;
  }
}

/** What is damaged is the copy: who reads it is restoring one already, and needs another. */
const aboutCopy = ({ message }: StoreError): string =>
  message.replace(/; [^;]*restore a copy: gatehouse restore COPY/, '; nothing was changed, restore another copy');

/** Who used the original when it was copied does not use this one; a session that was ended since does not come back. */
function forgetUsers(ready: string): void {
  const { sqlite } = connect(ready);
  // A copy of an earlier version may lack one of them.
  for (const table of sqlite.prepare<[], string>(OF_USERS).pluck().all()) sqlite.exec(`DELETE FROM ${table}`);
  sqlite.close();
}

/** The process of a service that uses the file; null: none, or the file is too damaged to say. */
function liveUserOf(file: string): number | null {
  if (!existsSync(file)) return null;
  try {
    const sqlite = openForReading(file);
    const rows = sqlite.prepare(USERS).all() as Recorded[];
    sqlite.close();
    return rows.find(mayLive)?.pid ?? null;
  } catch {
    return null;
  }
}

const OF_USERS = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('workers', 'sessions')";
const USERS = 'SELECT pid, start_time AS startTime, host AS scope, heartbeat_at AS heartbeatAt FROM workers';
/** One that cannot be checked (another host, another container) counts as dead after this much silence. */
const SILENT_MS = 60_000;

function mayLive(row: Recorded): boolean {
  const liveness = identityIs(row);
  return liveness === 'alive' || (liveness === 'unknown' && row.heartbeatAt > Date.now() - SILENT_MS);
}

interface Recorded {
  readonly pid: number;
  readonly startTime: string;
  readonly scope: string;
  readonly heartbeatAt: number;
}
