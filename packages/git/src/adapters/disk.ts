/** The few touches of the disk that are not git's own. Full and forbidden become values, the rest stays a bug. */
import { lstatSync, type Stats } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { GitFailed, GitFailureKind } from '../outcome.ts';
import { gitFailed } from './diagnosis.ts';

const FAILURE_KINDS: Readonly<Record<string, GitFailureKind>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EFBIG: 'disk-full',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOTDIR: 'denied',
  ELOOP: 'denied',
  ENAMETOOLONG: 'denied',
};

/** Runs disk work; a full disk or a missing right is answered like a failure of git. */
export async function onDisk<T>(op: string, body: () => Promise<T>): Promise<T | GitFailed> {
  try {
    return await body();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const trouble = typeof code === 'string' ? FAILURE_KINDS[code] : undefined;
    if (trouble === undefined) throw error;
    return gitFailed(op, trouble, { stderr: message });
  }
}

/** True if nothing is there, not even a dangling link. */
export async function absent(path: string): Promise<boolean> {
  return (await kindOf(path)) === 'absent';
}

/** What can stand at a path. */
export type PathKind = 'absent' | 'directory' | 'file' | 'other';

const SLICE = 1000;

/**
 * What stands at each of many paths, in their order; a link is never followed. A path is bytes: names need not be text.
 */
export async function kindsOf(paths: readonly Buffer[]): Promise<readonly PathKind[]> {
  const kinds: PathKind[] = [];
  for (let from = 0; from < paths.length; from += SLICE) {
    // Asked without waiting: a path that is not there costs a tenth of a rejected promise. Others get their turn
    // between.
    for (const path of paths.slice(from, from + SLICE)) {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      kinds.push(stat === undefined ? 'absent' : standingOf(stat));
    }
    await setImmediate();
  }
  return kinds;
}

const standingOf = (stat: Stats): PathKind => (stat.isDirectory() ? 'directory' : stat.isFile() ? 'file' : 'other');

/** What stands at a path itself; a link is never followed. */
export async function kindOf(path: string): Promise<PathKind> {
  try {
    return standingOf(await lstat(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    throw error;
  }
}

/** When a file was last written, in ms since 1970; `null` when there is none. */
export async function modifiedAt(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).mtimeMs;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** The text of a file, `null` when there is none. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes sure that a real directory stands at the path; a link or a file in its place is removed. True: nothing is in it. */
export async function ensureDirectory(path: string): Promise<boolean> {
  const kind = await kindOf(path);
  if (kind === 'directory') return (await readdir(path)).length === 0;
  if (kind !== 'absent') await rm(path);
  return (await mkdir(path, { recursive: true })) !== undefined;
}

/** Removes whatever is there, directories without write permission included (module caches like to leave those). */
export async function removeAll(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await openUp(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Those of the directories that hold anything; their names are bytes. */
export async function notEmpty(paths: readonly Buffer[]): Promise<readonly Buffer[]> {
  const used: Buffer[] = [];
  for (const path of paths) if ((await readdir(path)).length > 0) used.push(path);
  return used;
}

/** Leaves an empty directory. */
export async function emptyDirectory(path: string): Promise<void> {
  await removeAll(path);
  await mkdir(path);
}

/** What is being removed at the same time may be gone before it is opened. */
async function openUp(directory: string): Promise<void> {
  try {
    await chmod(directory, 0o700);
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) await openUp(join(directory, entry.name));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
