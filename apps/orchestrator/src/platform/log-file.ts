/**
 * A log file that is moved aside when it is full. Each line is on its way to the disk before the next one is made: the last line
 * before an exit is the one that is looked for, and a library that writes later would lose it.
 */
import { closeSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

export interface LogFile {
  /** Never throws: a line that cannot be written goes to `otherwise`. */
  readonly write: (line: string) => void;
  readonly close: () => void;
}

export interface LogFileRequest {
  readonly path: string;
  /** Size in bytes from which it is moved to `PATH.1`, that one to `PATH.2`, and so on. */
  readonly maxBytes: number;
  /** Files kept beside the one that is written. */
  readonly keep: number;
  /** Hears the lines that the file did not take. */
  readonly otherwise: (line: string) => void;
}

export type OpenedLogFile =
  | { readonly kind: 'open'; readonly log: LogFile }
  | { readonly kind: 'closed'; readonly reason: string };

interface Open {
  readonly descriptor: number;
  readonly inode: number;
  size: number;
}

/** Appends to the file, which only its owner may read; its folder must exist. */
export function openLogFile({ path, maxBytes, keep, otherwise }: LogFileRequest): OpenedLogFile {
  const open = (): Open => {
    const descriptor = openSync(path, 'a', 0o600);
    const { ino, size } = fstatSync(descriptor);
    return { descriptor, inode: ino, size };
  };
  const first = attempt(open);
  if (first.kind === 'refused') return { kind: 'closed', reason: first.reason };
  let file: Open | null = first.value;
  const close = (): void => {
    if (file !== null) closeSync(file.descriptor);
    file = null;
  };
  const moveAside = (): void => {
    close();
    for (let at = keep; at > 0; at -= 1)
      attempt(() => renameSync(at === 1 ? path : `${path}.${at - 1}`, `${path}.${at}`));
  };
  const append = (bytes: Uint8Array): void => {
    // Somebody else may have moved or removed it.
    if (file !== null && statSync(path, { throwIfNoEntry: false })?.ino !== file.inode) close();
    if (file !== null && file.size > 0 && file.size + bytes.length > maxBytes) moveAside();
    file ??= open();
    for (let from = 0; from < bytes.length; ) from += writeSync(file.descriptor, bytes, from);
    file.size += bytes.length;
  };
  return {
    kind: 'open',
    log: {
      write: (line) => {
        if (attempt(() => append(Buffer.from(`${line}\n`))).kind === 'refused') otherwise(line);
      },
      close,
    },
  };
}

type Attempted<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'refused'; readonly reason: string };

/** What the system refuses is an answer; everything else is a bug and travels on. */
function attempt<Value>(work: () => Value): Attempted<Value> {
  try {
    return { kind: 'done', value: work() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
    return { kind: 'refused', reason: message };
  }
}
