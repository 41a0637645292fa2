/**
 * What of the log beside a database can be read back after a crash, by the file format (sqlite.org/fileformat2, "The Write-Ahead Log"):
 * the engine takes the frames up to the first one whose sum is wrong, and forgets the others without a word (docs/adr/0019).
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type SqliteDatabase from 'better-sqlite3';
import { sizeOf } from './names.ts';

export interface Log {
  /** Another one each time the log begins anew. */
  readonly id: string;
  /** Frames of whole transactions. */
  readonly frames: number;
}

const HEAD = 32;
const FRAME_HEAD = 24;
const MAGIC = 0x377f0682;

/** Reads all of it. Null: there is none, or its head cannot be read. */
export const readLog = (path: string): Log | null =>
  reading(path, (descriptor, head) => ({ id: idOf(head), frames: framesOf(descriptor, head) }));

/** Reads its head only. */
export const readLogId = (path: string): string | null => reading(path, (_, head) => idOf(head));

function reading<Answer>(path: string, answer: (descriptor: number, head: Head) => Answer): Answer | null {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return null;
  // No lock of the engine is on the log, so it may be closed at any time.
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(HEAD);
    if (readSync(descriptor, bytes, 0, HEAD, 0) < HEAD) return null;
    const head = headOf(bytes);
    return head === null ? null : answer(descriptor, head);
  } finally {
    closeSync(descriptor);
  }
}

interface Head {
  readonly sum: Sum;
  readonly salts: Buffer;
  /** Bytes. */
  readonly page: number;
}

const idOf = ({ salts }: Head): string => salts.toString('hex');

function headOf(bytes: Buffer): Head | null {
  const magic = bytes.readUInt32BE(0);
  if (magic !== MAGIC && magic !== MAGIC + 1) return null;
  const sum = summing(magic === MAGIC);
  sum.add(bytes, 0, 24);
  return sum.is(bytes, 24) ? { sum, salts: bytes.subarray(16, 24), page: bytes.readUInt32BE(8) } : null;
}

function framesOf(descriptor: number, { sum, salts, page }: Head): number {
  const frame = Buffer.alloc(FRAME_HEAD + page);
  for (let read = 0, whole = 0; ; ) {
    if (readSync(descriptor, frame, 0, frame.length, HEAD + read * frame.length) < frame.length) return whole;
    if (!frame.subarray(8, 16).equals(salts)) return whole;
    sum.add(frame, 0, 8);
    sum.add(frame, FRAME_HEAD, frame.length);
    if (!sum.is(frame, 16)) return whole;
    read += 1;
    if (frame.readUInt32BE(4) !== 0) whole = read;
  }
}

interface Sum {
  readonly add: (bytes: Buffer, from: number, to: number) => void;
  /** Whether it stands at `at`. */
  readonly is: (bytes: Buffer, at: number) => boolean;
}

function summing(isLittle: boolean): Sum {
  let [even, odd] = [0, 0];
  return {
    add: (bytes, from, to) => {
      for (let at = from; at < to; at += 8) {
        even = (even + (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)) + odd) >>> 0;
        odd = (odd + (isLittle ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4)) + even) >>> 0;
      }
    },
    is: (bytes, at) => bytes.readUInt32BE(at) === even && bytes.readUInt32BE(at + 4) === odd,
  };
}

/** Frames that the engine counts on; changes nothing. Below one there is nothing in the log. */
export const framesIn = (sqlite: SqliteDatabase.Database): number =>
  Number((sqlite.pragma('wal_checkpoint(NOOP)') as { readonly log: number }[])[0]?.log ?? 0);

/** Looks this often before a log that changes is called damaged. */
const LOOKS = 3;

/** The size of the log where it is less than what the engine counts on, or null. */
export function cutOff(sqlite: SqliteDatabase.Database, path: string): number | null {
  const page = Number(sqlite.pragma('page_size', { simple: true }));
  for (let look = 0; ; look += 1) {
    // The size first: whoever cuts the log off rightly has told the index before.
    const size = sizeOf(path);
    const frames = framesIn(sqlite);
    if (frames < 1 || size >= HEAD + frames * (FRAME_HEAD + page)) return null;
    if (look === LOOKS) return size;
  }
}

/** What is wrong with the frames that the engine counts on, or null: nothing. Reads the whole log. */
export function logDamage(sqlite: SqliteDatabase.Database, path: string): string | null {
  for (let look = 0; ; look += 1) {
    const frames = framesIn(sqlite);
    const log = readLog(path);
    if (frames < 1 || (log !== null && log.frames >= frames)) return null;
    if (look === LOOKS) return `${log?.frames ?? 0} of ${frames} frames of its log can be read back`;
  }
}
