/** Removes what a command left: no link is followed, and a directory without write permission is opened first. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { invariant } from '@gatehouse/verdict';
import { errnoOf } from './errno.ts';

/** `left`: something of it is still there, and `errno` says why. A tree that is not there is `removed`. */
export type RemovedTree =
  | { readonly kind: 'removed' }
  | {
      readonly kind: 'left';
      /** Error code of the system, for example `EBUSY`. */
      readonly errno: string;
      /** What could not be removed, and why. */
      readonly message: string;
    };

/**
 * Removes the whole tree at a plain, absolute path below some directory. For a tree in which no process is at work: one
 * that escaped may write faster than this removes, and then something is `left`.
 */
export async function removeTree(path: string): Promise<RemovedTree> {
  invariant(
    typeof path === 'string' &&
      isAbsolute(path) &&
      normalize(path) === path &&
      dirname(path) !== dirname(dirname(path)),
    'a tree is removed at a plain, absolute path below some directory',
  );
  try {
    await removeOpened(path);
    return { kind: 'removed' };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    return { kind: 'left', errno, message: (error as Error).message };
  }
}

async function removeOpened(path: string): Promise<void> {
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 2, retryDelay: 20 });
  try {
    await remove();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') await openUp(path);
    else if (code === 'ENAMETOOLONG') await removeDeep(path);
    else throw error;
    await remove();
  }
}

/** Module caches like to leave directories that nothing can be removed from. A link to a directory is no directory. */
async function openUp(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true }))
    if (entry.isDirectory()) await openUp(join(directory, entry.name));
}

/** Nested deeper than a path can say; rm(1) goes down step by step. */
async function removeDeep(path: string): Promise<void> {
  const child = spawn('rm', ['-rf', '--', path], { stdio: 'ignore' });
  await once(child, 'close');
}
