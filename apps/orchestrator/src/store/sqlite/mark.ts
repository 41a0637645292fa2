/**
 * A mark beside the file while a service uses it, as new as the last write that is known of. A service that ends in order
 * takes it away. Left by one that was killed, it tells a log that was deleted from one that was written back.
 */
import { closeSync, openSync, rmSync, statSync, utimesSync } from 'node:fs';
import { StoreError } from '../errors.ts';
import { sizeOf } from './names.ts';

export interface InUseMark {
  /** A write has just gone through. */
  readonly renew: () => void;
  readonly remove: () => void;
}

const nameOf = (file: string): string => `${file}-in-use`;

/** Marks the file; its log must lie beside it already. */
export function markInUse(file: string): InUseMark {
  const name = nameOf(file);
  closeSync(openSync(name, 'w', 0o600));
  return {
    renew: () => {
      const now = new Date();
      utimesSync(name, now, now);
    },
    remove: () => removeMark(file),
  };
}

/** For a file that a person has decided about. */
export const removeMark = (file: string): void => rmSync(nameOf(file), { force: true });

/**
 * The loss of a log that a killed service left, or null. Whoever else opens the file may write the log back and delete it
 * rightly; then the file is newer than the mark.
 */
export function lostLog(file: string): StoreError | null {
  const mark = statSync(nameOf(file), { throwIfNoEntry: false });
  const kept = statSync(file, { throwIfNoEntry: false });
  if (mark === undefined || kept === undefined || kept.mtimeMs > mark.mtimeMs || sizeOf(`${file}-wal`) > 0) return null;
  return new StoreError(
    'gone',
    `${file}: its log (${file}-wal) is gone although the last service did not end in order, so what was acknowledged last ` +
      `may be missing; put the log back, or restore a copy: gatehouse restore COPY, or go on without it: gatehouse restore ${file}`,
  );
}
