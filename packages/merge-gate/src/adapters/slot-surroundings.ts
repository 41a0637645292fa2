/** Whether what a tree names was brought into the checkout. The branch's tests ran there: no link is followed, nothing waits. */
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './system-error.ts';

/** What a file of the LFS format begins with. */
export const POINTER = 'version https://git-lfs.github.com/spec/v1\n';
/** The specification's own bound. */
export const POINTER_BYTES = 1_024;

/** A submodule that nothing fetched is an empty directory, or was removed. */
export async function isEmptyDirectory(root: string, path: string): Promise<boolean> {
  try {
    const place = join(root, path);
    if (!(await lstat(place)).isDirectory()) return false;
    return (await readdir(place)).length === 0;
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code?.startsWith('E') !== true) throw thrown;
    return isGone(code);
  }
}

export async function isPointerFile(root: string, path: string): Promise<boolean> {
  const place = join(root, path);
  try {
    const { size } = await lstat(place);
    if (size > POINTER_BYTES || size < POINTER.length) return false;
    const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(POINTER.length), 0, POINTER.length, 0);
      return bytesRead === POINTER.length && buffer.toString('latin1') === POINTER;
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code?.startsWith('E') !== true) throw thrown;
    return isGone(code);
  }
}

/** A path that is gone was not provided; one that cannot be read is none of ours to judge. */
const isGone = (code: string): boolean => code === 'ENOENT' || code === 'ENOTDIR';
