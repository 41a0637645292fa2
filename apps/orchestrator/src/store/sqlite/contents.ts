/** What a file holds, read without changing it, and whether it is a store of Gatehouse at all. */
import SqliteDatabase from 'better-sqlite3';
import { StoreError } from '../errors.ts';
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
  refuseNewer({ sqlite, file }, known);
  const schema = versionOf({ sqlite });
  const tables = sqlite.prepare(
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('tasks', 'events')",
  );
  if (schema === 0 || tables.pluck().get() !== 2)
    throw new StoreError('corrupt', `${file}: the file is a database, but not one of Gatehouse`);
  const [tasks, lastEventAt] = sqlite
    .prepare('SELECT (SELECT count(*) FROM tasks), (SELECT max(at) FROM events)')
    .raw()
    .get() as [number, number | null];
  return { schema, tasks, lastEventAt };
}
