/**
 * Refs whose names are ours alone, written and removed under the locks that git takes for it: a process for each would cost a
 * checkout a fifth of its time. False: not done, and git is to try, which says why it cannot.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Points the ref at an object that is there. As with git, it is on the disk before it counts. */
export async function writeOwnRef(gitDir: string, ref: string, sha: string): Promise<boolean> {
  const path = join(gitDir, ref);
  const lock = `${path}.lock`;
  let file: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true });
    file = await open(lock, 'wx');
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    return false;
  }
  try {
    try {
      await file.writeFile(`${sha}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(lock, path);
    return true;
  } catch (error) {
    await rm(lock, { force: true });
    if (!isOfDisk(error)) throw error;
    return false;
  }
}

/** Nobody gets a turn while the locks stand. A packed ref is git's to remove. */
export function removeOwnRef(gitDir: string, ref: string): boolean {
  const packed = join(gitDir, 'packed-refs');
  const path = join(gitDir, ref);
  return whileLocked(packed, () => !isPacked(packed, ref) && whileLocked(path, () => removeLoose(path)));
}

function whileLocked(path: string, body: () => boolean): boolean {
  const lock = `${path}.lock`;
  try {
    writeFileSync(lock, '', { flag: 'wx' });
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    return false;
  }
  try {
    return body();
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    return false;
  } finally {
    rmSync(lock, { force: true });
  }
}

function removeLoose(path: string): true {
  rmSync(path, { force: true });
  return true;
}

function isPacked(packed: string, ref: string): boolean {
  try {
    return readFileSync(packed, 'utf8').includes(` ${ref}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

const isOfDisk = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).code === 'string';
