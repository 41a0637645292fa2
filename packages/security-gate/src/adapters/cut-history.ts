/** Marks in a repository that make git show less history than there is. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { types } from 'node:util';

/** The name of the mark that cuts or bends history, or null. Replace refs are harmless: git is asked to ignore them. */
export async function cutHistory(gitDir: string): Promise<string | null> {
  for (const mark of ['shallow', join('info', 'grafts')]) if (await exists(join(gitDir, mark))) return mark;
  return null;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    throw error;
  }
}
