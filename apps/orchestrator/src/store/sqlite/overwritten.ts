/**
 * Whether another process wrote over the file of an open database. In the mode of the log only checkpoints write into the file, and
 * what they write somebody committed. The head of the file holds a number of ours (`application_id`), another one after each change:
 * a number that was never committed here came by another way. Why nothing else is asked: docs/adr/0019.
 */
import { randomInt } from 'node:crypto';
import { openSync, readSync } from 'node:fs';
import type { Connection } from './connection.ts';
import { whereWritable } from './mark.ts';

/** sqlite.org/fileformat: the application id, big-endian. */
const AT = 68;
const BYTES = 4;
const LARGEST = 2 ** 31;

/**
 * Begins with what is in the file; each call looks, and is true where the file is not ours any more. Copies that are younger than the last
 * second or so cannot be told from the file. In memory, and without a log, nothing is told.
 */
export function watchOverwrites(connection: Connection): () => boolean {
  const { sqlite, write } = connection;
  if (sqlite.pragma('journal_mode', { simple: true }) !== 'wal') return () => false;
  const inFile = readerOf(connection);
  const changes = sqlite.prepare('SELECT total_changes()').pluck();
  /** What earlier services left in the log is not known, so the file is judged once it has a number of ours. */
  let state = { committed: [] as number[], isJudged: false };
  let next = randomInt(1, LARGEST);
  let last = { ours: -1, others: -1 };
  const renew = (now: typeof last): void => {
    if (sqlite.inTransaction || (now.ours === last.ours && now.others === last.others)) return;
    // On a disk that takes no writes, or while it is locked, the same number is tried again.
    whereWritable(() => {
      write(() => {
        // Another service took over while this one was stopped, and its numbers are as good.
        if (sqlite.pragma('application_id', { simple: true }) !== state.committed.at(-1))
          state = { committed: [], isJudged: false };
        state.committed.push(next);
        sqlite.pragma(`application_id = ${next}`);
      });
      next = randomInt(1, LARGEST);
      last = now;
    });
  };
  const now = (): typeof last => ({
    ours: Number(changes.get()),
    others: Number(sqlite.pragma('data_version', { simple: true })),
  });
  renew(now());
  whereWritable(() => void sqlite.pragma('wal_checkpoint(PASSIVE)'));
  // The log has to be newer than the file, or its loss after a kill would be taken for a log that was written back (mark.ts).
  last = { ours: -1, others: -1 };
  renew(now());
  return () => {
    const found = inFile();
    const at = found === null ? -1 : state.committed.lastIndexOf(found);
    const seen = now();
    // Cut off is told by the names. A head that is being written is read again.
    if (state.isJudged && at < 0 && found !== null && seen.others === last.others) return inFile() === found;
    if (at >= 0) state = { committed: state.committed.slice(at), isJudged: true };
    renew(seen);
    return false;
  };
}

/** The number in the file; null where that is too short. */
function readerOf({ file, keep }: Connection): () => number | null {
  const descriptor = openSync(file, 'r');
  keep(descriptor);
  const bytes = Buffer.alloc(BYTES);
  return () => (readSync(descriptor, bytes, 0, BYTES, AT) === BYTES ? bytes.readUInt32BE() : null);
}
