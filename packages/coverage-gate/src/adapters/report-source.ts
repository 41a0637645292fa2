/**
 * Where the bytes of a report come from: a file that is opened once, without following a link, or memory.
 * What is hashed is what was read, so a later change of the file cannot matter.
 */
import { constants, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A report in memory; `name` is for messages only. */
export interface ReportBytes {
  /** The whole report. */
  readonly bytes: Uint8Array;
  /** What messages call it. */
  readonly name: string;
}

export interface ReportSource {
  readonly size: number;
  /** Links to the same file; more than one means that something else can write to it. */
  readonly linkCount: number;
  /** Time of the last change of the inode, nanoseconds since the epoch. */
  readonly changedNs: bigint;
  /** What a thread of this process reads it by; null for memory. */
  readonly fd: number | null;
  /** Fills `into` from `at`; answers how many bytes came, 0 at the end. */
  read(into: Buffer, at: number): Promise<number>;
  /** The same without waiting. */
  readNow(into: Buffer, at: number): number;
  close(): Promise<void>;
}

export type OpenedReport =
  | { readonly kind: 'opened'; readonly source: ReportSource }
  | { readonly kind: 'missing' }
  | { readonly kind: 'not-a-file'; readonly reason: string };

/** Opens the regular file at `path`. A symbolic link, a pipe, a socket or a directory is refused without blocking on it. */
export async function openReport(path: string): Promise<OpenedReport> {
  const opened = await openQuietly(path);
  if (!('handle' in opened)) return opened;
  const stat = await opened.handle.stat({ bigint: true });
  if (!stat.isFile()) {
    await opened.handle.close();
    return { kind: 'not-a-file', reason: 'it is no regular file' };
  }
  return { kind: 'opened', source: fileSource(opened.handle, stat) };
}

function fileSource(handle: FileHandle, stat: { size: bigint; nlink: bigint; ctimeNs: bigint }): ReportSource {
  let offset = 0;
  return {
    size: Number(stat.size),
    linkCount: Number(stat.nlink),
    changedNs: stat.ctimeNs,
    fd: handle.fd,
    read: async (into, at) => {
      const { bytesRead } = await handle.read(into, at, Math.max(0, into.length - at), offset);
      offset += bytesRead;
      return bytesRead;
    },
    readNow: (into, at) => {
      const bytesRead = readSync(handle.fd, into, at, Math.max(0, into.length - at), offset);
      offset += bytesRead;
      return bytesRead;
    },
    close: () => handle.close(),
  };
}

/** A file that another thread of this process holds open; it is read from its first byte, and not closed. */
export function heldSource(fd: number, size: number): ReportSource {
  let offset = 0;
  const readNow = (into: Buffer, at: number): number => {
    const count = readSync(fd, into, at, Math.max(0, into.length - at), offset);
    offset += count;
    return count;
  };
  return {
    size,
    linkCount: 1,
    changedNs: 0n,
    fd,
    readNow,
    read: async (into, at) => readNow(into, at),
    close: async () => {},
  };
}

/** The same over bytes in memory. */
export function bytesSource({ bytes }: ReportBytes): ReportSource {
  let offset = 0;
  const readNow = (into: Buffer, at: number): number => {
    const part = bytes.subarray(offset, offset + into.length - at);
    into.set(part, at);
    offset += part.byteLength;
    return part.byteLength;
  };
  return {
    size: bytes.byteLength,
    linkCount: 1,
    changedNs: 0n,
    fd: null,
    read: async (into, at) => readNow(into, at),
    readNow,
    close: async () => {},
  };
}

async function openQuietly(path: string): Promise<{ handle: FileHandle } | OpenedReport> {
  try {
    return { handle: await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK) };
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
      case 'ENOTDIR':
        return { kind: 'missing' };
      case 'ELOOP':
      case 'EMLINK':
        return { kind: 'not-a-file', reason: 'it is a symbolic link' };
      case 'ENXIO':
      case 'EISDIR':
        return { kind: 'not-a-file', reason: 'it is no regular file' };
      case 'EACCES':
      case 'EPERM':
        return { kind: 'not-a-file', reason: 'it may not be read' };
      case 'ENAMETOOLONG':
        return { kind: 'not-a-file', reason: 'its path is too long' };
      default:
        throw error;
    }
  }
}
