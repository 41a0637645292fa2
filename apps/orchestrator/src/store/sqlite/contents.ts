/** What a file holds, read without changing it, and whether it is a store of Gatehouse at all. */
import SqliteDatabase from 'better-sqlite3';
import { FOREIGN, StoreError } from '../errors.ts';
import { readMigrations, refuseNewer, versionOf } from './migrate.ts';
import { damaged, damageOf } from './pages.ts';

export interface Contents {
  /** How many migrations it has seen. */
  readonly schema: number;
  readonly tasks: number;
  /** Time of the newest event, epoch ms; null: none. */
  readonly lastEventAt: number | null;
}

/** Opens the file for reading; it must exist. Throws the driver's error. */
export const openForReading = (file: string): SqliteDatabase.Database =>
  new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: 10_000 });

/** Checks every page and every index, and reads what it holds. Throws `StoreError` or the driver's error. */
export function contentsOf(sqlite: SqliteDatabase.Database, file: string): Contents {
  const damage = damageOf(sqlite, 'integrity_check');
  if (damage !== null) throw damaged(file, damage);
  const known = readMigrations().length;
  const isEmpty = isUnwritten(sqlite, file);
  refuseNewer({ sqlite, file }, known);
  if (isEmpty) throw foreign(file);
  const schema = versionOf({ sqlite });
  const [tasks, lastEventAt] = sqlite
    .prepare('SELECT (SELECT count(*) FROM tasks), (SELECT max(at) FROM events)')
    .raw()
    .get() as [number, number | null];
  return { schema, tasks, lastEventAt };
}

/** Whether no store was made in it yet. Throws `StoreError` where something else was. */
export function isUnwritten(sqlite: SqliteDatabase.Database, file: string): boolean {
  const tables = sqlite.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (tables.length === 0) return true;
  if (tables.includes('tasks') && tables.includes('events')) return false;
  throw foreign(file);
}

const foreign = (file: string): StoreError => new StoreError('corrupt', `${file}: ${FOREIGN}`);
