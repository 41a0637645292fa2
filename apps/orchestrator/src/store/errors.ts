/**
 * What can be wrong with the database file or its disk, in words an operator can act on. The only errors that the
 * store maps; everything else passes through as the very object that was thrown.
 */
export type StoreErrorCode =
  | 'disk-full'
  | 'read-only'
  | 'cannot-open'
  | 'io'
  | 'locked'
  | 'corrupt'
  /** The file, its log or its index was deleted or replaced under the running service, or while none ran. */
  | 'gone'
  /** The file was written by a newer Gatehouse. */
  | 'newer-file'
  /** A migration failed or would leave rows without their parent. */
  | 'migration';

/** Rejection of a store method: nothing of the call was written. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreTrouble';
    this.code = code;
  }
}

/** Another file lies at the place of the store. */
export const FOREIGN: string =
  'the file is not a Gatehouse database; put the right one back, or restore a copy: gatehouse restore COPY';

const NAMED: readonly (readonly [prefix: string, code: StoreErrorCode, advice: string])[] = [
  ['SQLITE_FULL', 'disk-full', 'the disk of the database is full; free space and ask again'],
  ['SQLITE_READONLY', 'read-only', 'the database or its folder cannot be written; check owner, mode and mount'],
  ['SQLITE_PERM', 'read-only', 'the database or its folder cannot be written; check owner, mode and mount'],
  ['SQLITE_CANTOPEN', 'cannot-open', 'the database cannot be opened; check that its folder exists and is writable'],
  ['SQLITE_IOERR', 'io', 'the disk of the database answered an error'],
  ['SQLITE_BUSY', 'locked', 'another process keeps the database locked'],
  ['SQLITE_LOCKED', 'locked', 'another connection keeps the database locked'],
  [
    'SQLITE_CORRUPT',
    'corrupt',
    'the database is damaged; stop what uses it and restore a copy: gatehouse restore COPY',
  ],
  ['SQLITE_NOTADB', 'corrupt', FOREIGN],
  ['ENOSPC', 'disk-full', 'the disk of the database is full; free space and ask again'],
  ['EDQUOT', 'disk-full', 'the disk quota of the database is used up'],
  ['EROFS', 'read-only', 'the database is on a read-only file system'],
  ['EACCES', 'read-only', 'the database or its folder cannot be written; check owner, mode and mount'],
  ['EPERM', 'read-only', 'the database or its folder cannot be written; check owner, mode and mount'],
  ['ENOENT', 'cannot-open', 'the folder of the database does not exist'],
  ['ENOTDIR', 'cannot-open', 'the folder of the database is not a folder'],
  ['EEXIST', 'cannot-open', 'another file is where the database needs a folder or a copy; move it'],
  ['EISDIR', 'cannot-open', 'the database path is a folder'],
];

/**
 * The named error behind an error of the driver or the file system; anything else comes back unchanged. Recognised by the
 * code and not by the class: the driver's native half keeps the class of the module that loaded it first in the process.
 */
export function storeErrorOf(thrown: unknown, file: string): unknown {
  const code = codeOf(thrown);
  const row = NAMED.find(([prefix]) => code?.startsWith(prefix));
  return row === undefined ? thrown : new StoreError(row[1], `${file}: ${row[2]} (${code})`, thrown);
}

function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
