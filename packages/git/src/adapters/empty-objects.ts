/** Objects of a repository that are files without a byte: what a power cut leaves of those that were just written. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The first one found, relative to `objects`; null: none. */
export function firstEmptyObject(gitDir: string): string | null {
  const objects = join(gitDir, 'objects');
  for (const folder of namesIn(objects).filter((name) => /^(?:[0-9a-f]{2}|pack)$/.test(name)))
    for (const name of namesIn(join(objects, folder)).filter((one) => /^[0-9a-f]{38}$|\.(?:pack|idx)$/.test(one)))
      if (lstatSync(join(objects, folder, name), { throwIfNoEntry: false })?.size === 0) return `${folder}/${name}`;
  return null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
