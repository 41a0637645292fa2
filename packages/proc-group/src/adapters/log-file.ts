/** Appends a run's output to a file up to a cap. A log that cannot be written never changes the run's verdict. */
import { closeSync, openSync, writeSync } from 'node:fs';

export interface LogFile {
  readonly path: string;
  readonly append: (bytes: Uint8Array) => void;
  readonly close: () => void;
}

export type OpenedLog =
  | { readonly kind: 'opened'; readonly log: LogFile }
  | { readonly kind: 'failed'; readonly reason: string };

const CANNOT_OPEN =
  /^E(?:ACCES|PERM|NOENT|NOTDIR|ISDIR|ROFS|NOSPC|DQUOT|MFILE|NFILE|LOOP|NAMETOOLONG|INVAL|NXIO|TXTBSY)$|^ERR_INVALID_ARG_VALUE$/;
const CANNOT_WRITE = /^E(?:NOSPC|DQUOT|FBIG|IO|ROFS|AGAIN|PIPE)$/;

/** Private to the user, because test output may hold what the tested code knows. */
export function openLog(path: string, maxBytes: number): OpenedLog {
  const opened = open(path);
  if (typeof opened === 'string') return { kind: 'failed', reason: opened };
  let left = maxBytes;
  return {
    kind: 'opened',
    log: {
      path,
      append: (bytes) => {
        const part = bytes.subarray(0, left);
        left = part.length > 0 && !write(opened, part) ? 0 : left - part.length;
      },
      close: () => closeSync(opened),
    },
  };
}

function open(path: string): number | string {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && CANNOT_OPEN.test(code)) return message;
    throw error;
  }
}

/** False once the disk is full: the rest of the log is given up, the run goes on. */
function write(fd: number, bytes: Uint8Array): boolean {
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && CANNOT_WRITE.test(code)) return false;
    throw error;
  }
}
