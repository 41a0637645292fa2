/** Whether every page of a database can be read and is where its tree says. */
import { closeSync, openSync, readSync } from 'node:fs';
import type SqliteDatabase from 'better-sqlite3';
import { FOREIGN, StoreError } from '../errors.ts';

/** What is wrong, in the engine's words, the first five lines; null: nothing. Reads the whole file. */
export function damageOf(sqlite: SqliteDatabase.Database, check: 'quick_check' | 'integrity_check'): string | null {
  const lines = sqlite.prepare<[], string>(`PRAGMA ${check}(5)`).pluck().all();
  return lines.length === 1 && lines[0] === 'ok' ? null : lines.join('; ');
}

/** The damage as the error that a call would meet. */
export const damaged = (file: string, damage: string): StoreError =>
  new StoreError(
    'corrupt',
    `${file}: the database is damaged (${damage.replaceAll('\n', ' ').slice(0, 300)}); stop what uses it and restore a copy: gatehouse restore COPY`,
  );

/** sqlite.org/fileformat */
const BEGINS: Buffer = Buffer.from('SQLite format 3\0');

/**
 * Damage that a start met. A log that holds the first page makes the engine read any file as a damaged database; then the file itself is
 * asked what it is. Nothing may have it open: to close it here drops the locks of the engine.
 */
export function damageMet(error: StoreError, file: string): StoreError {
  if (error.code !== 'corrupt' || error.message.includes(FOREIGN)) return error;
  const head = Buffer.alloc(BEGINS.length);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, head, 0, head.length, 0);
  closeSync(descriptor);
  return head.equals(BEGINS) ? error : new StoreError('corrupt', `${file}: ${FOREIGN}`, error);
}
