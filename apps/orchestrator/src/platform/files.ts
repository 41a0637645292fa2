/** Small file reads and writes as values: a missing or forbidden file is an answer, not an exception. */
import { constants } from 'node:fs';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { types } from 'node:util';

export type TextFile =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly code: string; readonly reason: string };

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EEXIST: 'something else is there already',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is a file, not a directory',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

/** What went wrong, in words; total. */
export function fileTrouble(thrown: unknown): { readonly code: string; readonly reason: string } {
  const error = types.isNativeError(thrown) ? thrown : new Error('unknown trouble');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
  return { code, reason: REASONS[code] ?? error.message };
}

/** Reads UTF-8 text up to `limitBytes`; a larger file is unreadable. */
export async function readTextFile(path: string, limitBytes: number): Promise<TextFile> {
  try {
    const { size } = await stat(path);
    if (size > limitBytes) return { kind: 'unreadable', code: 'EFBIG', reason: `larger than ${limitBytes} bytes` };
    return { kind: 'read', text: await readFile(path, 'utf8') };
  } catch (thrown) {
    return { kind: 'unreadable', ...fileTrouble(thrown) };
  }
}

export type FileWritten =
  | { readonly kind: 'written' }
  | { readonly kind: 'unwritable'; readonly code: string; readonly reason: string };

/** Replaces a file atomically: temporary file, fsync, rename. Mode applies to a new file. */
export async function writeTextFile(path: string, text: string, mode = 0o600): Promise<FileWritten> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return { kind: 'written' };
  } catch (thrown) {
    return { kind: 'unwritable', ...fileTrouble(thrown) };
  }
}

/** Adds text to the end of a file, which is made where there is none. */
export async function appendToFile(path: string, text: string): Promise<FileWritten> {
  try {
    await appendFile(path, text);
    return { kind: 'written' };
  } catch (thrown) {
    return { kind: 'unwritable', ...fileTrouble(thrown) };
  }
}

/** Makes a directory and its parents, 0700. */
export async function makeDirectory(path: string): Promise<FileWritten> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return { kind: 'written' };
  } catch (thrown) {
    return { kind: 'unwritable', ...fileTrouble(thrown) };
  }
}

/** Lets other users through a directory, who still cannot list it. Null, or why not. */
export async function openToPass(path: string): Promise<string | null> {
  try {
    await chmod(path, 0o711);
    return null;
  } catch (thrown) {
    return fileTrouble(thrown).reason;
  }
}

/** A file of ours that other users may read: itself, and the way to it below the third directory up. Null, or why not. */
export async function openToRead(path: string): Promise<string | null> {
  for (const dir of [dirname(path), dirname(dirname(path)), dirname(dirname(dirname(path)))]) {
    const shut = await openToPass(dir);
    if (shut !== null) return shut;
  }
  try {
    await chmod(path, 0o644);
    return null;
  } catch (thrown) {
    return fileTrouble(thrown).reason;
  }
}

/** The last `limitBytes` of a file as UTF-8, and how many bytes come before them; null when it cannot be read. */
export async function readTail(path: string, limitBytes: number): Promise<{ text: string; skipped: number } | null> {
  try {
    const file = await open(path, constants.O_RDONLY);
    try {
      const { size } = await file.stat();
      const skipped = Math.max(0, size - limitBytes);
      const bytes = Buffer.alloc(Math.min(size, limitBytes));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, skipped);
      // A character that begins before the end does not belong to it.
      let from = 0;
      while (skipped > 0 && from < Math.min(3, bytesRead) && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
      return { text: bytes.toString('utf8', from, bytesRead), skipped: skipped + from };
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

/** Removes a directory with all that is in it; what cannot be removed stays. */
export async function removeDirectory(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    return;
  }
}

/** Removes a directory that has nothing in it, and no other. */
export async function removeEmptyDirectory(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch {
    return;
  }
}

/** Puts a directory in the place of another on the same disk, which is removed. Cut off in between, the place is empty. */
export async function replaceDirectory(place: string, by: string): Promise<void> {
  const aside = `${place}.aside`;
  await removeDirectory(aside);
  await rename(place, aside);
  await rename(by, place);
  await removeDirectory(aside);
}

/** Bytes that this user may still write at a path; null when the file system does not say. */
export async function freeBytesAt(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** When a file was last written, in epoch milliseconds; null where none is, or no plain one. */
export async function lastWrittenMs(path: string): Promise<number | null> {
  try {
    const found = await lstat(path);
    return found.isFile() ? found.mtimeMs : null;
  } catch {
    return null;
  }
}

/** The names in a directory; empty for one that does not exist or cannot be read. */
export async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch {
    return [];
  }
}
