/**
 * Whether the disk takes anything new beside the file. The log is written over in place once it was written back, so a store with a
 * large log goes on for hours on a disk that is full, out of quota or read-only for everything else (docs/adr/0019).
 */
import { rmSync, writeFileSync } from 'node:fs';
import { storeErrorOf } from '../errors.ts';

/** More than a file system keeps inside of an inode or rounds away. */
const PROOF: Uint8Array = new Uint8Array(64 * 1024);

/** Writes a small file and takes it away. Throws `StoreError` where that cannot be done. */
export function proveRoom(file: string): void {
  if (file === ':memory:') return;
  const name = `${file}-room`;
  try {
    try {
      writeFileSync(name, PROOF, { mode: 0o600 });
    } finally {
      rmSync(name, { force: true });
    }
  } catch (thrown) {
    throw storeErrorOf(thrown, file);
  }
}
