/**
 * The names of the database on disk, looked at from outside: a file that is deleted or replaced goes on answering from what
 * is open. Nothing is opened here: closing any descriptor of the file would drop the locks that the engine holds on it.
 */
import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What is wrong with the names; `folder`: the whole directory is another one, so nothing in it is ours. */
export type NameFault =
  | { readonly kind: 'folder'; readonly what: string }
  | { readonly kind: 'name'; readonly what: string }
  /** The file holds less than the head of a database, or the log less than was acknowledged. */
  | { readonly kind: 'cut-off'; readonly what: string }
  /** Another process wrote over it: what is open is no store any more. */
  | { readonly kind: 'overwritten'; readonly what: string };

export interface Look {
  readonly fault: NameFault | null;
  /** The file is shorter than at the last look: every page has to be read to know why. */
  readonly shrunk: boolean;
}

/** The log and the index that lie beside the file while a connection is open. */
export const besides = (file: string): readonly string[] => [`${file}-wal`, `${file}-shm`];

const HEAD_BYTES = 512;

/** Begins with what lies at the names now, while a connection has all of them open; each call looks again. In memory: never a fault. */
export function lookAfter(file: string): () => Look {
  const names = [file, ...besides(file)];
  const before = names.map(identityOf);
  const folder = identityOf(dirname(file));
  let size = sizeOf(file);
  if (before[0] === null) return () => ({ fault: null, shrunk: false });
  return () => {
    const now = names.map(identityOf);
    const at = now.findIndex((identity, index) => identity !== before[index]);
    const last = size;
    size = sizeOf(file);
    const shrunk = size < last;
    if (at >= 0) {
      if (identityOf(dirname(file)) !== folder)
        return { shrunk, fault: { kind: 'folder', what: `the directory ${dirname(file)} was moved or replaced` } };
      const what = `${names[at]} was ${now[at] === null ? 'deleted' : 'replaced'}`;
      return { shrunk, fault: { kind: 'name', what } };
    }
    if (size < HEAD_BYTES) return { shrunk, fault: { kind: 'cut-off', what: `${file} was cut off to ${size} bytes` } };
    return { shrunk, fault: null };
  };
}

/** Null: nothing is there. */
function identityOf(path: string): string | null {
  // A link is another file: a start would look for the log beside its target.
  const found = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

/** Zero for a file that does not exist. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
