/** Finds git's lock files and takes one away without ever following a link. */
import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from './disk.ts';

/** A lock file as it stands on disk. */
export interface LockFile {
  /** Relative to the git directory. */
  readonly path: string;
  /** Without links on the way: what /proc would name. */
  readonly realPath: string;
  readonly modifiedAtMs: number;
  readonly inode: number;
  readonly plain: boolean;
  readonly owner: number;
}

/** Where git puts locks. `deep`: below every directory in it. */
const PLACES: readonly { readonly path: string; readonly deep: boolean }[] = [
  { path: '', deep: false },
  { path: 'refs', deep: true },
  { path: 'worktrees', deep: true },
  { path: 'objects/info', deep: true },
  { path: 'objects/pack', deep: false },
];

/** The locks of a repository, and its directory without links on the way. */
export interface LockFiles {
  readonly root: string;
  readonly files: readonly LockFile[];
}

/** Every lock file of a repository; `null` when there is no repository. `gc.pid` is one: git treats it so. */
export async function lockFilesOf(gitDir: string): Promise<LockFiles | null> {
  if ((await readText(join(gitDir, 'HEAD'))) === null) return null;
  const root = await realpath(gitDir);
  const found: LockFile[] = [];
  for (const { path, deep } of PLACES) found.push(...(await locksBelow(root, path, deep)));
  return { root, files: found };
}

async function locksBelow(root: string, place: string, deep: boolean): Promise<LockFile[]> {
  const found: LockFile[] = [];
  for (const entry of await entriesOf(join(root, place))) {
    const path = place === '' ? entry.name : `${place}/${entry.name}`;
    if (entry.isDirectory()) {
      if (deep) found.push(...(await locksBelow(root, path, deep)));
    } else if (entry.name.endsWith('.lock') || path === 'gc.pid') {
      const file = await inspect(root, path);
      if (file !== null) found.push(file);
    }
  }
  return found;
}

/** A lock as it is now, `null` when it is gone. */
async function inspect(root: string, path: string): Promise<LockFile | null> {
  const realPath = join(root, path);
  try {
    const stat = await lstat(realPath);
    return {
      path,
      realPath,
      modifiedAtMs: stat.mtimeMs,
      inode: stat.ino,
      plain: stat.isFile(),
      owner: stat.uid,
    };
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Removes the very file that was read; `false` when something else stands there by now. */
export async function removeLock(root: string, seen: LockFile): Promise<boolean> {
  const now = await inspect(root, seen.path);
  if (now === null || now.inode !== seen.inode || now.modifiedAtMs !== seen.modifiedAtMs) return false;
  try {
    await unlink(seen.realPath);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** The user this process acts as; -1 where there are no users. */
export const actingUser = (): number => process.geteuid?.() ?? -1;

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
