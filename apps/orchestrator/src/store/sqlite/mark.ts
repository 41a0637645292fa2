/**
 * A mark beside the file while a service uses it, as new as its log was when it was last looked at, with how much of the log could be
 * read. A service that ends in order takes it away. Left by one that was killed, it tells a log that was deleted or damaged from one
 * that was written back.
 */
import { closeSync, openSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { StoreError, storeErrorOf } from '../errors.ts';
import { readLog, readLogId } from './log.ts';
import { sizeOf } from './names.ts';

/** On a disk that takes no writes the mark stays as it is. */
export interface InUseMark {
  /** Makes it as new as the log. */
  readonly renew: () => void;
  readonly remove: () => void;
  /** No start goes on with the file before a person has restored one; it says `problem`. */
  readonly condemn: (problem: string) => void;
}

const nameOf = (file: string): string => `${file}-in-use`;

/** Marks the file; its log must lie beside it already. `frames`: how many of it the engine counts on. */
export function markInUse(file: string, frames: () => number): InUseMark {
  const name = nameOf(file);
  let known = 0;
  const renew = (): void => {
    const log = statSync(`${file}-wal`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (log <= known) return;
    known = log;
    writeFileSync(name, seenOf(`${file}-wal`, frames));
    utimesSync(name, log / 1000, log / 1000);
  };
  whereWritable(() => {
    closeSync(openSync(name, 'w', 0o600));
    renew();
  });
  return {
    renew: () => whereWritable(renew),
    remove: () => removeMark(file),
    condemn: (problem) => whereWritable(() => writeFileSync(name, `${CONDEMNED}${problem}`)),
  };
}

/** As `damageSince` reads it; empty while the log begins anew. */
function seenOf(log: string, frames: () => number): string {
  const id = readLogId(log);
  const seen = `${id} ${frames()}`;
  return id !== null && id === readLogId(log) ? seen : '';
}

const CONDEMNED = 'condemned: ';

/** Makes a change that may fail where the store fails; others have to tell that. */
export function whereWritable(change: () => void): void {
  try {
    change();
  } catch (thrown) {
    if (!(storeErrorOf(thrown, '') instanceof StoreError)) throw thrown;
  }
}

/** For a file that a person has decided about. No mark is no trouble. */
export const removeMark = (file: string): void => whereWritable(() => unlinkSync(nameOf(file)));

/** What the last service lost, so that the file must not be gone on with, or null. */
export const lossLeft = (file: string): StoreError | null => condemned(file) ?? lostLog(file);

function condemned(file: string): StoreError | null {
  const said = sizeOf(nameOf(file)) === 0 ? '' : readFileSync(nameOf(file), 'utf8');
  return said.startsWith(CONDEMNED) ? new StoreError('corrupt', said.slice(CONDEMNED.length)) : null;
}

/**
 * The loss of a log that a killed service left, or null. Whoever else opens the file may write the log back and delete it
 * rightly; then the file is newer than the log was.
 */
function lostLog(file: string): StoreError | null {
  const mark = statSync(nameOf(file), { throwIfNoEntry: false });
  const kept = statSync(file, { throwIfNoEntry: false });
  if (mark === undefined || kept === undefined || kept.mtimeMs > mark.mtimeMs) return null;
  const left = sizeOf(`${file}-wal`) === 0 ? 'gone' : damageSince(file);
  if (left === null) return null;
  return new StoreError(
    'gone',
    `${file}: its log (${file}-wal) is ${left} although the last service did not end in order, so what was acknowledged last ` +
      `may be missing; put the log back, or restore a copy: gatehouse restore COPY, or go on without it: gatehouse restore ${file}`,
  );
}

/** What the mark knows of the log cannot be read any more, or null. One that began anew was written back before. */
function damageSince(file: string): string | null {
  const [id, seen] = readFileSync(nameOf(file), 'utf8').split(' ');
  const frames = Number(seen ?? 0);
  const log = frames < 1 ? null : readLog(`${file}-wal`);
  if (frames < 1 || (log !== null && (log.id !== id || log.frames >= frames))) return null;
  return `damaged (${log?.frames ?? 0} of ${frames} frames can be read back)`;
}
