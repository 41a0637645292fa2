/** A copy of the store, made beside a service that writes to it or without one. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError, storeErrorOf } from '../errors.ts';
import { type Contents, contentsOf, openForReading } from './contents.ts';
import { copyInto } from './copy.ts';
import { stamp } from './rescue.ts';

export type BackupAnswer =
  | { readonly kind: 'copied'; readonly path: string; readonly contents: Contents }
  | { readonly kind: 'refused'; readonly problem: string };

/** Copies to `to`, which must not exist; null: into `backups/` beside the file, named by the time. */
export function backUp(file: string, to: string | null): BackupAnswer {
  const path = to ?? join(dirname(file), 'backups', `gatehouse-${stamp()}.db`);
  if (!existsSync(file)) return { kind: 'refused', problem: `${file} does not exist; set ORCH_DATA_DIR` };
  if (existsSync(path)) return { kind: 'refused', problem: `${path} exists already; name another file` };
  try {
    if (to === null) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return { kind: 'copied', path, contents: copyOf(file, path) };
  } catch (thrown) {
    const error = storeErrorOf(thrown, file);
    if (error instanceof StoreError) return { kind: 'refused', problem: error.message };
    throw error;
  }
}

/** Copies and says what the copy holds. Throws. */
export function copyOf(file: string, to: string): Contents {
  const sqlite = openForReading(file);
  try {
    const contents = contentsOf(sqlite, file);
    try {
      copyInto(sqlite, to);
    } catch (thrown) {
      // What was read is whole: it is the place of the copy that does not exist, is full or cannot be written.
      throw storeErrorOf(thrown, to);
    }
    return contents;
  } finally {
    sqlite.close();
  }
}
