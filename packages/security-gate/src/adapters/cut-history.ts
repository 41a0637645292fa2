/** Marks in a repository that make git show less history than there is. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { types } from 'node:util';

/** True: history may be bent by grafts. Replace refs are harmless: git is asked to ignore them. */
export const hasGrafts = (gitDir: string): Promise<boolean> =>
  orAbsent(false, async () => {
    await access(join(gitDir, 'info', 'grafts'));
    return true;
  });

/** Commits whose parents are not shown; empty for a whole repository. */
export const cutCommits = (gitDir: string): Promise<ReadonlySet<string>> =>
  orAbsent(new Set<string>(), async () => {
    const text = await readFile(join(gitDir, 'shallow'), 'latin1');
    return new Set(text.split('\n').filter((line) => line !== ''));
  });

async function orAbsent<T>(without: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return without;
    throw error;
  }
}
