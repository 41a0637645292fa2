/**
 * Brings the file to this version's tables. `user_version` counts the applied migrations; a file that has more than
 * this version knows is refused. Foreign keys are off outside the transaction (a generated table rebuild would delete
 * child rows) and checked before its commit, so a failed upgrade leaves the file as it was. The way back from one that
 * went through is a copy, made before it.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { copyInto } from './copy.ts';

const FOLDER = new URL('../../../migrations/', import.meta.url);
const STATEMENT_BREAK = '--> statement-breakpoint';

/** The SQL of each migration, oldest first; the list only ever grows. */
export function readMigrations(folder: URL = FOLDER): { name: string; sql: string }[] {
  const journal = JSON.parse(readFileSync(new URL('meta/_journal.json', folder), 'utf8')) as {
    entries: { tag: string }[];
  };
  return journal.entries.map(({ tag }) => ({ name: tag, sql: readFileSync(new URL(`${tag}.sql`, folder), 'utf8') }));
}

export function migrate(connection: Connection, migrations = readMigrations()): void {
  const { sqlite, file } = connection;
  refuseNewer(connection, migrations.length);
  // A property of the file, so it is set only once the file is known to be ours to change.
  sqlite.pragma('journal_mode = WAL');
  const version = versionOf(connection);
  if (version === migrations.length) return;
  if (version > 0) copyInto(sqlite, copyBefore(file, { from: version, to: migrations.length }));
  sqlite.pragma('foreign_keys = OFF');
  connection.write(() => {
    // Another process may have upgraded the file while this one waited for the lock.
    refuseNewer(connection, migrations.length);
    for (const { sql } of migrations.slice(versionOf(connection)))
      for (const statement of sql.split(STATEMENT_BREAK)) sqlite.exec(statement);
    const orphans = sqlite.pragma('foreign_key_check') as { table: string }[];
    if (orphans.length > 0)
      throw new StoreError(
        'migration',
        `${file}: the upgrade would leave ${orphans.length} row(s) of ${orphans[0]?.table} without their parent`,
      );
    sqlite.pragma(`user_version = ${migrations.length}`);
  });
  sqlite.pragma('foreign_keys = ON');
}

/** Where the copy from before an upgrade lies; its folder is made. */
function copyBefore(file: string, { from, to }: { readonly from: number; readonly to: number }): string {
  const folder = join(dirname(file), 'backups');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, `before-schema-${to}-from-${from}.db`);
}

/** How many migrations the file has seen. */
export function versionOf({ sqlite }: Pick<Connection, 'sqlite'>): number {
  return Number(sqlite.pragma('user_version', { simple: true }));
}

/** Throws where the file has seen more migrations than are known. */
export function refuseNewer(connection: Pick<Connection, 'sqlite' | 'file'>, known: number): void {
  const found = versionOf(connection);
  if (found <= known) return;
  throw new StoreError(
    'newer-file',
    `${connection.file} was written by a newer Gatehouse (schema ${found}, this one knows ${known}); ` +
      'start that version again, or restore the copy made before the upgrade: gatehouse restore backups/before-schema-…db',
  );
}
