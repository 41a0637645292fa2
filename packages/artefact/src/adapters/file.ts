/**
 * The file system, seen so that no link is followed, no FIFO is waited for and nothing half-written is ever visible:
 * a private temporary file, synced, then one atomic step to its name.
 */

import { randomUUID } from 'node:crypto';
import { constants, type FileHandle, link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { types } from 'node:util';
import type { IoFailed, Malformed, Missing, RefusedWrite } from '../outcome.ts';

export type Bytes = { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** Codes that mean "this is not a regular file", whatever the system calls it. */
const NOT_A_FILE: ReadonlySet<string> = new Set(['ELOOP', 'EMLINK', 'EISDIR', 'ENXIO', 'ENOTDIR']);
/** The last step's answers that mean the name is taken, on the systems we know. */
const IN_THE_WAY: { readonly [call: string]: string } = {
  'link EEXIST': 'something already stands there',
  'rename EISDIR': 'a directory is in the way',
  'rename ENOTDIR': 'a directory is in the way',
  'rename ENOTEMPTY': 'a directory is in the way',
  'rename EEXIST': 'a directory is in the way',
};

/** Reads at most `maxBytes` of a regular file that is not a link. */
export async function readPlainFile(path: string, maxBytes: number): Promise<Bytes | Missing | Malformed | IoFailed> {
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await open(path, flags);
    try {
      return await readHandle(handle, maxBytes);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === null) throw error;
    if (code === 'ENOENT') return { kind: 'missing' };
    if (NOT_A_FILE.has(code)) return { kind: 'malformed', reason: 'not a regular file' };
    return ioFailed(code, 'read');
  }
}

async function readHandle(handle: FileHandle, maxBytes: number): Promise<Bytes | Malformed> {
  const stat = await handle.stat();
  if (!stat.isFile()) return { kind: 'malformed', reason: 'not a regular file' };
  const buffer = Buffer.alloc(Math.min(stat.size, maxBytes) + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length > maxBytes) return { kind: 'malformed', reason: `longer than ${maxBytes} bytes` };
  if (length === buffer.length) return { kind: 'malformed', reason: 'the file grew while it was read' };
  return { kind: 'bytes', bytes: buffer.subarray(0, length) };
}

/** Puts `bytes` under `dir/name` in one step; what a crash leaves behind is at most a hidden temporary file. */
export async function placeFile({
  dir,
  name,
  bytes,
  mode,
}: {
  readonly dir: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mode: 'create' | 'replace';
}): Promise<{ kind: 'placed' } | RefusedWrite | IoFailed> {
  const temporary = join(dir, `.${name}.${randomUUID()}.tmp`);
  const target = join(dir, name);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    try {
      await writeSynced(temporary, bytes);
      // A hard link is the one step that is both atomic and exclusive; a rename would replace what stands there.
      await (mode === 'create' ? link(temporary, target) : rename(temporary, target));
    } finally {
      await removeIfThere(temporary);
    }
    await syncDirectory(dir);
    return { kind: 'placed' };
  } catch (error) {
    const code = codeOf(error);
    if (code === null) throw error;
    const refused = IN_THE_WAY[`${syscallOf(error)} ${code}`];
    if (refused !== undefined) return { kind: 'refused', reason: refused };
    return ioFailed(code, 'write');
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    // Renamed away, or never made because the directory itself is at fault, which is reported by then.
    if (!['ENOENT', 'ENOTDIR', 'EACCES', 'EROFS', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) throw error;
  }
}

async function syncDirectory(dir: string): Promise<void> {
  if (process.platform === 'win32') return; // a directory cannot be synced there
  const handle = await open(dir, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const ioFailed = (code: string, verb: string): IoFailed => ({
  kind: 'io-failed',
  code,
  reason: `cannot ${verb}: ${code}`,
});

/** The system's own error code; null for anything that did not come from the system. */
function codeOf(error: unknown): string | null {
  if (!types.isNativeError(error) || !('syscall' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

const syscallOf = (error: unknown): string =>
  types.isNativeError(error) && 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : '';
