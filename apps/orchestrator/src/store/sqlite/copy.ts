/**
 * A copy of a database as one read transaction sees it, while others write. It is on disk and every page of it is checked
 * before it has its name, so a file of that name is a whole copy.
 */
import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { StoreError } from '../errors.ts';
import { damageOf } from './pages.ts';

/** Writes what `sqlite` sees to `to`, which is replaced. Throws the driver's or the file system's error, and leaves no part. */
export function copyInto(sqlite: SqliteDatabase.Database, to: string): void {
  const part = `${to}.part`;
  try {
    // An empty file is taken over by the engine, and is never readable by others.
    rmSync(part, { force: true });
    closeSync(openSync(part, 'wx', 0o600));
    sqlite.prepare('VACUUM INTO ?').run(part);
    refuseDamaged(part);
    chmodSync(part, 0o600);
    sync(part);
    renameSync(part, to);
    sync(dirname(to));
  } catch (thrown) {
    rmSync(part, { force: true });
    throw thrown;
  }
}

/** Makes what was written or renamed there outlast a power cut. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function refuseDamaged(copy: string): void {
  const sqlite = new SqliteDatabase(copy, { readonly: true, fileMustExist: true });
  try {
    const damage = damageOf(sqlite, 'integrity_check');
    if (damage !== null) throw new StoreError('corrupt', `${copy}: the copy is damaged (${damage.slice(0, 300)})`);
  } finally {
    sqlite.close();
  }
}
