/** Whether every page of a database can be read and is where its tree says. */
import type SqliteDatabase from 'better-sqlite3';
import { StoreError } from '../errors.ts';

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
